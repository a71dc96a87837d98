"""Shows what today's run would do and why, and what it holds back; nothing is written or sent."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from einvoice.cli import options as common

if TYPE_CHECKING:
    from einvoice.receivables.actions import Action

USAGE = ""
EXAMPLES = """\
  einvoice receivables plan
  einvoice receivables plan --limit 5 --creditor acme
  einvoice receivables plan --format json
"""


def options(parser: ArgumentParser) -> None:
    """What `receivables plan` understands."""
    from einvoice.cli.receivables.common import creditor_option

    creditor_option(parser)
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="show so many actions; 20 unless told, 0 for all")
    common.formats(parser, "text", "json")


def run(options: Namespace) -> int:
    """Plans the day and prints it."""
    from einvoice.cli.printing import json_text
    from einvoice.cli.receivables.common import clock, creditor_key, opened, policy_of, watched
    from einvoice.database import reading
    from einvoice.receivables import law
    from einvoice.receivables.actions import to_json
    from einvoice.receivables.channels.installed import installed
    from einvoice.receivables.day import expected, planned, setting
    from einvoice.settings import current

    settings = current()
    with opened(settings) as engine:
        with reading(engine) as connection:
            key = creditor_key(connection, options.creditor, settings)
        work = setting(engine, key, policy_of(settings), law.load(), settings, clock)
        found = planned(work, late=True, progress=watched())
    counts = expected(found.actions, frozenset(installed(settings)))
    shown = found.actions[: options.limit or None]
    if options.format == "json":
        told = {"creditor": key, "day": work.day.isoformat(), "counts": counts, "held": found.held}
        failures = [failure._asdict() for failure in found.failures]
        print(json_text({**told, "failures": failures, "actions": [to_json(action) for action in shown]}, indent=1))
    else:
        print("\n".join(_text(key, work.day.isoformat(), counts, found, shown)))
    return 1 if found.failures else 0


def _text(key: str, day: str, counts: dict[str, int], found: Any, shown: list[Action]) -> list[str]:
    from einvoice.cli.receivables.common import table

    lines = [f"{key}, {day}: {len(found.actions):,} action{'' if len(found.actions) == 1 else 's'}", *table(counts)]
    if found.held:
        lines += ["held back, by reason:", *table(found.held)]
    lines += [f"debtor {failure.debtor} could not be planned: {failure.reason}" for failure in found.failures]
    for action in shown:
        lines += ["", *_action(action)]
    if len(shown) < len(found.actions):
        lines.append(f"\n… and {len(found.actions) - len(shown):,} more: --limit 0")
    return lines


def _action(action: Action) -> list[str]:
    """An action as a person reads it: what, to whom, about what, why."""
    ways = ", ".join(f"{message.channel} to {message.role}" for message in action.messages) or action.task or action.handover or action.kind
    lines = [f"debtor {action.debtor}: {action.flow}.{action.step}, {ways}: {action.amount} {action.currency}"]
    lines += [
        f"  invoice {claimed.number}, due {claimed.due}: {claimed.amount}" + (f" + {claimed.charges}" if claimed.charges else "")
        for claimed in action.invoices
    ]
    why = action.why
    lines.append(f"  because {why.segment}: {why.because}")
    for title, notes in (("waited", why.delayed), ("law", why.law), ("note", why.notes)):
        lines += [f"  {title}: {note.text}" + (f" [{note.source}]" if note.source else "") for note in notes]
    lines += [f"  {line}" for charge in action.charges for line in charge.lines]
    return lines
