"""The command line `einvoice`: one module a verb, imported only when it is called, because cold start counts.

A verb's module has a docstring that says what it does, USAGE, EXAMPLES, `options(parser)` and `run(options) -> exit code`.
Exit codes: 0 all is well, 1 a document is invalid (or loses something, or contradicts itself), 2 one could not be judged or read.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence

VERBS = {
    "show": "print invoices as a person reads them",
    "check": "test documents, one verdict each",
    "convert": "turn UBL into CII and back, or into another profile",
    "render": "make invoices that people can look at: HTML or PDF",
    "embed": "put an invoice into a PDF: Factur-X, ZUGFeRD",
    "extract": "take the XML out of hybrid PDFs, and their other files",
    "write": "make an invoice from a draft in JSON or CSV",
    "calculate": "work out the totals of a draft, step by step, or verify an invoice's",
    "detect": "say what kind of document each file is",
    "lookup": "ask the Peppol network what a participant takes, and where",
    "inbox": "show what came by the Peppol network, take it out, have it tried again",
    "send": "check invoices and send them by Peppol, with proof",
    "peppol": "work in the Peppol network: what goes out, what comes in, its evidence",
    "receivables": "follow up what is owed: plan, remind, claim",
    "serve": "receive from the Peppol network, or hear the webhooks of providers",
    "sample": "print an invoice to try things on",
    "artefacts": "bring the official artefacts here, and list them",
    "doctor": "look at what the settings lead to, and say what mends it",
}

EXAMPLES = """\
examples:
  einvoice sample | einvoice show -           an invoice, as a person reads it
  einvoice check inbox/ 'mail/*.xml'          one verdict per file
  einvoice convert a.xml --to cii -o b.xml    from one syntax to the other
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the verb that the arguments name, and returns the exit code; nothing is raised."""
    if argv is None:
        _collect_rarely()
    try:
        code = _main([*(sys.argv[1:] if argv is None else argv)])
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone: nothing is left to say, not even when Python closes it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code


def _collect_rarely() -> None:
    """Cyclic garbage is looked for after 50,000 new objects, not 700, and not once more at the end: a fifth of a cold start."""
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)


def _main(arguments: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # whatever a document says can be printed
    verb = arguments[0] if arguments else "--help"
    if verb in VERBS:
        from einvoice.cli.verbs import call

        return call(verb, arguments[1:])
    return _face(verb)


def _face(word: str) -> int:
    """The answer where no verb is named: help, the version, or what may have been meant."""
    if word in ("-h", "--help", "help"):
        print(_help())
        return 0
    if word in ("-V", "--version", "version"):
        from importlib.metadata import version

        print(f"einvoice-toolkit {version('einvoice-toolkit')}")
        return 0
    from difflib import get_close_matches

    near = get_close_matches(word, VERBS, n=1)
    hint = f"did you mean `einvoice {near[0]}`?" if near else f"the verbs are {', '.join(VERBS)}"
    print(f"einvoice: there is no verb {word!r}; {hint}", file=sys.stderr)
    return 2


def _help() -> str:
    verbs = "\n".join(f"  {verb:13}{what}" for verb, what in VERBS.items())
    return (
        "usage: einvoice VERB …\n\n"
        "Reads, shows, writes, calculates, converts and checks EN 16931 e-invoices (UBL and CII), offline; follows up unpaid ones.\n\n"
        f"verbs:\n{verbs}\n\n{EXAMPLES}\n"
        "`einvoice VERB --help` explains each. Exit code: 0 all is well, 1 something is invalid, 2 something could not be judged or read."
    )
