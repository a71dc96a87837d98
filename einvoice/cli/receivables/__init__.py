"""Follows up what is owed: who may be reminded of what, by which step, under which law, once.

Nothing leaves the machine before `einvoice receivables mode live`, which shows what would go out and asks first."""

from __future__ import annotations

from argparse import ArgumentParser

USAGE = "VERB …"
EXTRA = "receivables"
EXAMPLES = """\
  einvoice receivables init
  einvoice receivables plan
  einvoice receivables run
  einvoice receivables mode
"""
VERBS: dict[str, str] = {}
"""The verbs, each a module of this package by its name; `import` is the module `importing`, for Python keeps that word."""
MODULES = {"import": "importing"}


def options(parser: ArgumentParser) -> None:
    """What `receivables` understands: the verb, whose module says what follows."""
    parser.add_argument("verb", choices=VERBS)
