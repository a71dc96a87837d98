"""Shows what came by the Peppol network, takes it out, has it tried again, hands it over.

`einvoice serve --app peppol` receives, and hands over what comes; here a person looks. A message is named by its number in the list, its
message id or its instance id."""

from __future__ import annotations

from argparse import ArgumentParser

USAGE = "VERB …"
EXTRA = "peppol"
EXAMPLES = """\
  einvoice inbox list
  einvoice inbox handover
"""
VERBS = {
    "list": "list what came, the newest first, and what became of it",
    "show": "say everything about a message, and what proves it",
    "export": "write the document of a message, its envelope, or our receipt",
    "retry": "have messages that failed tried again",
    "handover": "hand over what waits: to a folder, and to what listens",
}
"""The verbs, each a module of this package; `list` is the module `listing`, for Python keeps that word."""
MODULES = {"list": "listing"}


def options(parser: ArgumentParser) -> None:
    """What `inbox` understands: the verb, whose module says what follows."""
    parser.add_argument("verb", choices=VERBS)
