"""Hand-overs: lists the dossiers that were made for agencies and legal teams and what became of them, and writes one into a file.

Who takes hand-overs stands in einvoice.toml, a section [agencies.NAME] for each. Where nobody is set, a person hands over: write the
dossier into a file, send it, and mark the task done with the result handed_over."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from einvoice.errors import ReceivablesError

USAGE = "list | file ID -o FILE"
EXAMPLES = """\
  einvoice receivables handover list
  einvoice receivables handover file 12 -o dossier.zip
"""
_COLUMNS = ("id", "made_at", "debtor", "name", "agency", "channel", "state", "sent_at", "reason")


def options(parser: ArgumentParser) -> None:
    """What `receivables handover` understands."""
    from einvoice.cli.receivables.common import creditor_option

    parser.add_argument("what", choices=("list", "file"))
    parser.add_argument("dossier", metavar="ID", type=int, nargs="?", help="of file: which, by its id in the list")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="of file: where to; its own name unless told")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of the list; text unless told")
    creditor_option(parser)
    parser.set_defaults(by=None)


def run(options: Namespace) -> int:
    """Lists what was handed over, or writes one dossier."""
    from einvoice.cli.receivables.casework import work
    from einvoice.cli.receivables.files import put
    from einvoice.receivables import papers
    from einvoice.receivables.handover.listing import listed

    with work(options) as here:
        if options.what == "list":
            _show(listed(here.connection, here.creditor), options)
            return 0
        kept = next((one for one in papers.of(here.connection, here.creditor, kind=papers.DOSSIER) if one.id == options.dossier), None)
        if kept is None:
            raise ReceivablesError(f"there is no dossier {options.dossier}; list them with: einvoice receivables handover list")
    path = options.output or Path(kept.name)
    put(kept.data, path)
    print(path)
    return 0


def _show(rows: Any, options: Namespace) -> None:
    from einvoice.cli.receivables.casework import show

    show(rows, _COLUMNS, options)
