"""Says whether a message is really from us, by the check code that it bears: when it was sent, how, about how many invoices, how much.

Compare what it says with the message: a false one asks for another amount, or for payment to another account."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from einvoice.cli import options as common

if TYPE_CHECKING:
    from einvoice.receivables.verify import Verified

USAGE = "CODE"
EXAMPLES = """\
  einvoice receivables verify 7T4K-9D2P-0MQX-C
  einvoice receivables verify '7t4k 9d2p 0mqx c' --format json
"""
FALSE = 1
"""The exit code where no message that left has the code."""


def options(parser: ArgumentParser) -> None:
    """What `receivables verify` understands."""
    parser.add_argument("code", metavar="CODE", help="as it stands in the message; spaces, dashes and small letters do not matter")
    common.formats(parser, "text", "json")


def run(options: Namespace) -> int:
    """Prints what the code stands for; 0 where a message that left has it, else 1."""
    from einvoice.cli.receivables.common import opened
    from einvoice.database import reading
    from einvoice.receivables.verify import verify

    with opened() as engine, reading(engine) as connection:
        found = verify(connection, options.code)
    if options.format == "json":
        from einvoice.cli.printing import json_text

        print(json_text({"known": found is not None, **(_shape(found) if found else {})}, indent=1))
    else:
        print("\n".join(_text(found)) if found else "no message of ours has this code: do not pay, and report who sent it")
    return 0 if found is not None and found.left else FALSE


def _shape(found: Verified) -> dict[str, int | str]:
    made = {name: value for name, value in found._asdict().items() if value is not None}
    return {name: value if isinstance(value, int) else str(value) for name, value in made.items()} | {"left": found.left}


def _text(found: Verified) -> list[str]:
    if not found.left:
        return [f"{found.code} was given to a message that never left ({found.state}): do not pay, and report who sent it"]
    rows = (
        ("sent", f"{found.sent_at:%Y-%m-%d %H:%M} UTC, by {found.channel.replace('_', ' ')} ({found.state})"),
        ("from", found.creditor),
        ("what", found.title or found.document),
        ("about", f"{found.invoices} invoice{'' if found.invoices == 1 else 's'}" if found.invoices else ""),
        ("asks for", f"{found.amount} {found.currency}" if found.amount is not None else "no payment"),
        ("to", found.iban or ""),
        ("sha-256", found.sha256),
    )
    return [f"{found.code} is a message of ours", *(f"{name:>9}  {value}" for name, value in rows if value)]
