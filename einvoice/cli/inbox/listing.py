"""Lists what came by the Peppol network, the newest first, and what became of it.

received: waits to be handed over; leased: is being handed over; handed: was; failed: a person has to look (`show`, `retry`);
repeated: its document came before under another message id."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Row

EXAMPLES = """\
  einvoice inbox list
  einvoice inbox list --state failed --format json
  einvoice inbox list --kind invoice --from 9930:de123456789
"""
USAGE = ""
_STATES = ("received", "leased", "handed", "failed", "repeated")
_KINDS = ("invoice", "invoice_response", "mlr", "mls", "report", "other")
_MOST = 1_000_000


def options(parser: ArgumentParser) -> None:
    """What `inbox list` understands."""
    from einvoice.cli.inbox.common import format_option

    parser.add_argument("--state", choices=_STATES, action="append", default=[], help="of this state; several may be named")
    parser.add_argument("--kind", choices=_KINDS, action="append", default=[], help="of this kind; several may be named")
    parser.add_argument("--from", dest="sender", metavar="PARTICIPANT", help="of this sender, as 9930:de123456789")
    parser.add_argument("--most", type=int, default=100, metavar="N", help="so many; 100 unless told")
    format_option(parser)


def run(options: Namespace) -> int:
    """Prints them."""
    from einvoice.cli.inbox.common import as_json, looking
    from einvoice.cli.printing import json_text
    from einvoice.errors import SettingsError
    from einvoice_peppol.identifiers import participants
    from einvoice_peppol.inbox import browsing

    if not 1 <= options.most <= _MOST:
        raise SettingsError(f"--most is {options.most}; write a number from 1 to {_MOST:,}")
    sender = participants.parse(options.sender, strict=False).id if options.sender else None
    with looking() as connection:
        rows = browsing.listing(connection, states=options.state, kinds=options.kind, sender=sender, most=options.most)
        counts = browsing.counted(connection)
    if options.format == "json":
        print(json_text({"counts": counts, "messages": [as_json(row) for row in rows]}, indent=1))
        return 0
    for row in rows:
        _print(row)
    print(", ".join(f"{count:,} {state}" for state, count in counts.items()))
    return 0


def _print(row: Row[Any]) -> None:
    from einvoice.cli.inbox.common import clean

    when, sender, instance = f"{row.received_at:%Y-%m-%d %H:%M}", clean(row.sender), clean(row.instance_id)
    print(f"{row.id:>6}  {when}  {row.state:<8}  {row.kind:<16}  {row.verdict or '-':<10}  {sender}  {instance}")
    if row.reason:
        print(f"        {clean(row.reason)}")
