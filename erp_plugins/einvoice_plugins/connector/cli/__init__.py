"""The command line `einvoice-connector`: init, run, status, retry.

Exit codes: 0 all is well, 1 files were refused, 2 something stands in the way (settings, database, a full disk, another connector).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

EXAMPLES = """\
examples:
  einvoice-connector init /srv/connector         folders, and settings to begin with
  einvoice-connector run                         take what is there, once
  einvoice-connector run --watch 5               look every 5 seconds
  einvoice-connector status --format json        what waits, what was refused and why
  einvoice-connector retry invoice.json          hand a refused file in again
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the verb that the arguments name; its exit code. Nothing is raised."""
    try:
        options = _parser().parse_args(argv)
    except SystemExit as end:  # argparse has printed why
        return end.code if isinstance(end.code, int) else 2
    from sqlalchemy.exc import SQLAlchemyError

    from einvoice.errors import EInvoiceError
    from einvoice_plugins.connector.cli import verbs

    try:
        code: int = getattr(verbs, options.verb)(options)
    except KeyboardInterrupt:
        return 130
    except (EInvoiceError, OSError, SQLAlchemyError) as fault:
        print(f"einvoice-connector: {fault}", file=sys.stderr)
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="einvoice-connector",
        description="Connects any ERP by folders and SQL views: e-invoices out, open items into the receivables.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    what = "the settings; connector.toml here unless told"
    made.add_argument("--config", metavar="FILE", type=Path, default=Path("connector.toml"), help=what)
    verbs = made.add_subparsers(dest="verb", metavar="VERB", required=True)
    init = verbs.add_parser("init", help="make the folders, settings to begin with, and the tables")
    init.add_argument("folder", metavar="FOLDER", nargs="?", type=Path, default=Path(), help="where; here unless told")
    run = verbs.add_parser("run", help="take what is in IN, once or again and again")
    run.add_argument("--watch", metavar="SECONDS", type=_seconds, help="look again after so many seconds, until ended")
    _formats(run)
    _formats(verbs.add_parser("status", help="say what waits, what is done, what was refused and why"))
    retry = verbs.add_parser("retry", help="hand refused files in again")
    retry.add_argument("names", metavar="NAME", nargs="*", help="files of REFUSED; all of them unless told")
    _formats(retry)
    return made


def _formats(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print; text unless told")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError("give a number of seconds above 0")
    return value
