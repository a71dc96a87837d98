"""Lists what went out by Peppol and what became of it, the newest first; one message with everything that is known of it.

States: accepted (waits to be prepared), prepared (waits to be sent), planned (tried, goes again), sent (a verified receipt proves that the
receiver's access point has it), delivered (its Message Level Status or Invoice Response says so), bounced, failed, unknown, cancelled,
refused (nobody takes it), dead (tried too often)."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from einvoice.cli import options as common_options

USAGE = "[ID]"
EXAMPLES = """\
  einvoice peppol status
  einvoice peppol status 17
  einvoice peppol status --state failed --state dead --format json
  einvoice peppol status --receiver 0208:0123456749 --most 10
"""
_MOST, _BEYOND = 50, 10**9


def options(parser: ArgumentParser) -> None:
    """What `peppol status` understands."""
    parser.add_argument("message", metavar="ID", nargs="?", help="one message, by its number, message id or instance id")
    parser.add_argument("--state", action="append", metavar="STATE", default=[], help="only these; may be given several times")
    parser.add_argument("--receiver", metavar="PARTICIPANT", help="only to this one, as 0208:0123456749")
    parser.add_argument("--number", metavar="NUMBER", help="only documents of this number")
    parser.add_argument("--most", type=int, default=_MOST, metavar="N", help=f"so many; {_MOST} unless told")
    common_options.formats(parser, "text", "json")


def run(options: Namespace) -> int:
    """Prints the list; 1 where nothing is found."""
    from einvoice.cli.peppol.common import found, line, opened, told
    from einvoice.cli.printing import json_text
    from einvoice.database import reading
    from einvoice.settings import current

    with opened(current()) as engine, reading(engine) as connection:
        if options.message:
            row = found(connection, options.message)
            print(json_text(told(row), indent=1) if options.format == "json" else _one(row))
            return 0
        rows = _listed(connection, options)
        waiting = _waiting(connection)
    if options.format == "json":
        print(json_text([told(row) for row in rows], indent=1))
        return 0 if rows else 1
    print("\n".join(map(line, rows)) if rows else "nothing went out that this is asked of")
    if waiting:
        print(f"waiting: {', '.join(f'{count:,} {state}' for state, count in waiting.items())}")
    return 0 if rows else 1


def _listed(connection: Any, options: Namespace) -> list[Any]:
    from sqlalchemy import select

    from einvoice.errors import PeppolError
    from einvoice_peppol.identifiers import participants
    from einvoice_peppol.sending.rows import STATES
    from einvoice_peppol.tables import OUTGOING

    if not 0 < options.most < _BEYOND:
        raise PeppolError(f"--most is {options.most}; write a number from 1")
    if unknown := [state for state in options.state if state not in STATES]:
        raise PeppolError(f"there is no state {unknown[0]!r}; there are: {', '.join(STATES)}")
    asked = select(OUTGOING)
    if options.state:
        asked = asked.where(OUTGOING.c.state.in_(options.state))
    if options.receiver is not None:
        asked = asked.where(OUTGOING.c.receiver == participants.parse(options.receiver, strict=False).id)
    if options.number is not None:
        asked = asked.where(OUTGOING.c.number == options.number)
    return list(connection.execute(asked.order_by(OUTGOING.c.id.desc()).limit(options.most)))


def _waiting(connection: Any) -> dict[str, int]:
    from sqlalchemy import func, select

    from einvoice_peppol.sending.rows import WAITING
    from einvoice_peppol.tables import OUTGOING

    counted = select(OUTGOING.c.state, func.count()).where(OUTGOING.c.state.in_(WAITING)).group_by(OUTGOING.c.state)
    return {row[0]: row[1] for row in connection.execute(counted.order_by(OUTGOING.c.state))}


def _one(row: Any) -> str:
    """Everything that is known of a message, a line a fact."""
    from einvoice.cli.peppol.common import told
    from einvoice.rendering.values import clean

    facts = {name: value for name, value in told(row).items() if value is not None}
    wide = max(map(len, facts))
    return "\n".join(f"{name:{wide}}  {clean(str(value))}".replace("\n", " ") for name, value in facts.items())
