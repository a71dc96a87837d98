"""Tasks: lists what people have to do, and marks one done with its result.

A call whose result is `answered` counts as a contact moment. What waited for the task goes on once it is done."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from einvoice.errors import ReceivablesError

USAGE = "list | done ID --result TEXT"
EXAMPLES = """\
  einvoice receivables task list
  einvoice receivables task list --owner ann
  einvoice receivables task done 12 --result answered
"""
_COLUMNS = ("id", "due", "kind", "owner_id", "text")


def options(parser: ArgumentParser) -> None:
    """What `receivables task` understands."""
    from einvoice.cli.receivables.casework import shared

    parser.add_argument("what", choices=("list", "done"))
    parser.add_argument("task", metavar="ID", type=int, nargs="?", help="of done: which")
    parser.add_argument("--owner", metavar="PERSON", help="of list: whose")
    parser.add_argument("--result", metavar="TEXT", help="of done: what came of it, such as answered, no_answer, resume")
    shared(parser)


def run(options: Namespace) -> int:
    """Marks one done where one is named, and lists what is left to do."""
    from einvoice.cli.receivables.casework import own, person_of, show, work
    from einvoice.receivables.cases import tasks
    from einvoice.receivables.store.tables import TASKS

    with work(options) as here:
        if options.what == "done":
            if not options.result:
                raise ReceivablesError("say what came of it: --result answered")
            tasks.done(here.connection, own(here, TASKS, options.task, "task"), options.result, here.at)
        owner = person_of(here, options.owner) if options.owner else None
        show(tasks.waiting(here.connection, here.creditor, owner), _COLUMNS, options)
    return 0
