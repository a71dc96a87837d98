"""Makes a business to look at: 2,000 invented debtors, two years of invoices, and a quarter of daily runs, in a folder of its own.

Everything that would be sent is a file below outbox/; nothing leaves the folder. The database, the tables that it was imported from and
the bank's statements are beside it. The same options give the same demo."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from einvoice.cli import options as common
from einvoice.cli.receivables.values import day

if TYPE_CHECKING:
    from einvoice.receivables.demo.make import Made

USAGE = "[FOLDER]"
EXAMPLES = """\
  einvoice receivables demo
  einvoice receivables demo small --debtors 200
  cd einvoice-demo && einvoice receivables ageing
"""
_NEXT = """\
Everything that went out is below outbox/, and nothing left this folder. Look around:
  cd {folder}
  einvoice receivables ageing
  einvoice receivables plan
  einvoice receivables worklist
  einvoice receivables dispute list
  einvoice receivables task list
  einvoice receivables policy show"""


def options(parser: ArgumentParser) -> None:
    """What `receivables demo` understands."""
    parser.add_argument("folder", metavar="FOLDER", nargs="?", default="einvoice-demo", help="a new folder; einvoice-demo unless told")
    parser.add_argument("--debtors", type=_count, default=2_000, metavar="COUNT", help="how many, 1 to 99,999; 2,000 unless told")
    parser.add_argument("--day", type=day, metavar="DATE", help="the last day; today unless told")
    parser.add_argument("--seed", type=int, default=1, metavar="NUMBER", help="another number, another business")
    common.formats(parser, "text", "json")


def run(options: Namespace) -> int:
    """Makes it, and says what to look at."""
    from einvoice.cli.printing import json_text
    from einvoice.cli.receivables.common import clock
    from einvoice.receivables.demo.make import make

    made = make(Path(options.folder), options.debtors, options.day or clock().date(), seed=options.seed, progress=_watched())
    if options.format == "json":
        print(json_text({**made._asdict(), "folder": str(made.folder)}, indent=1))
    else:
        print("\n".join(_text(made)))
    return 1 if made.failures else 0


def _text(made: Made) -> list[str]:
    from einvoice.cli.receivables.common import table

    lines = [f"{made.debtors:,} debtors, {made.invoices:,} invoices, {made.days} daily runs"]
    lines += ["messages:", *table(dict(sorted(made.queued.items())))]
    lines += ["tasks for people:", *table(dict(sorted(made.tasks.items())))]
    lines += ["bank lines:", *table(dict(sorted(made.matched.items())))] if made.matched else []
    return [*lines, *_NEXT.format(folder=made.folder).splitlines()]


def _watched() -> Callable[[str, int, int], None]:
    """Shows how far it is, where somebody watches."""
    from einvoice.cli.receivables.common import watched

    show = watched()
    return lambda what, done, _of: show(what, done)


def _count(text: str) -> int:
    from argparse import ArgumentTypeError

    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 99_999:
        raise ArgumentTypeError(f"{text!r} is no number of debtors; write one from 1 to 99999")
    return int(text)
