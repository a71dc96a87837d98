"""What `receivables policy simulate` prints: for each day what would go out and why, what was held and why."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from einvoice.receivables.actions import Action, Held, Note
    from einvoice.receivables.policy import Policy
    from einvoice.receivables.policy.simulation import Simulated
    from einvoice.receivables.snapshot import DebtorSnapshot


def simulated(options: Namespace, policy: Policy) -> int:
    """Simulates and prints; 1 where a debtor could not be planned."""
    from einvoice.cli.printing import json_text

    failed = False
    told = []
    with _days(options, policy) as days:
        for day in days:
            failed = failed or bool(day.failures)
            if options.format == "json":
                told.append(_as_json(day))
            else:
                print("\n".join(_text(day, options.limit or None)))
    if options.format == "json":
        print(json_text({"policy": policy.name, "hash": policy.hash, "days": told}, indent=1))
    return 1 if failed else 0


@contextmanager
def _days(options: Namespace, policy: Policy) -> Iterator[Iterator[Simulated]]:
    """The simulated days, read from the database of the settings."""
    from einvoice.cli.receivables.common import clock, creditor, opened
    from einvoice.database import reading
    from einvoice.receivables.law import load
    from einvoice.receivables.policy.simulation import simulate
    from einvoice.receivables.store.snapshots import snapshots

    with opened() as engine, reading(engine) as connection:
        first: date = options.as_of or clock().date()
        debtors = snapshots(connection, creditor(connection, options), first)
        yield simulate(debtors, policy, load(), first, options.days)


def _text(day: Simulated, most: int | None) -> Iterator[str]:
    """A day, in lines."""
    sums: dict[str, Decimal] = {}
    for _, action in day.actions:
        sums[action.currency] = sums.get(action.currency, Decimal(0)) + action.amount
    amounts = ", ".join(f"{amount:,.2f} {currency}" for currency, amount in sorted(sums.items()))
    yield f"{day.day:%A} {day.day}: {_count(len(day.actions), 'action')}{f' about {amounts}' if amounts else ''}, {len(day.held)} held"
    for debtor, action in day.actions[:most]:
        yield from _action(debtor, action)
    if most is not None and len(day.actions) > most:
        yield f"  … and {_count(len(day.actions) - most, 'action')} more: --limit 0"
    for debtor, held in day.held[:most]:
        yield from _held(debtor, held)
    if most is not None and len(day.held) > most:
        yield f"  … and {len(day.held) - most} more held: --limit 0"
    for debtor, reason in day.failures:
        yield f"  {debtor.key} could not be planned: {reason}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _action(debtor: DebtorSnapshot, action: Action) -> Iterator[str]:
    numbers = ", ".join(claimed.number for claimed in action.invoices)
    yield f"  {debtor.key}: {_ways(action)}: {action.amount:,.2f} {action.currency}, {numbers}"
    yield f"    {action.why.step}"
    yield f"    {action.why.segment}: {action.why.because}"
    notes = (("waited", action.why.delayed), ("law", action.why.law), ("note", action.why.notes))
    yield from (f"    {title}: {_note(note)}" for title, each in notes for note in each)
    if action.why.arm:
        yield f"    experiment: {action.why.arm}"


def _ways(action: Action) -> str:
    """By what it goes and to whom."""
    ways = [f"{message.channel} to {message.role}" for message in action.messages]
    ways += [f"a person: {action.task}"] if action.task else []
    ways += [f"hand-over to {action.handover}"] if action.kind == "handover" else []
    return " and ".join(ways) or action.kind


def _note(note: Note) -> str:
    until = f" (until {note.until})" if note.until else ""
    return f"{note.text}{until}{f' [{note.source}]' if note.source else ''}"


def _held(debtor: DebtorSnapshot, held: Held) -> Iterator[str]:
    numbers = {invoice.id: invoice.number for invoice in debtor.invoices}
    named = ", ".join(numbers.get(each, str(each)) for each in held.invoices)
    step = f", step {held.step}" if held.step else ""
    yield f"  {debtor.key} held{step}{f': {named}' if named else ''}"
    yield from (f"    {_note(note)}" for note in held.notes)


def _as_json(day: Simulated) -> dict[str, Any]:
    from einvoice.receivables.actions import to_json

    return {
        "day": day.day.isoformat(),
        "actions": [{"debtor_key": debtor.key, **to_json(action)} for debtor, action in day.actions],
        "held": [{"debtor_key": debtor.key, **to_json(held)} for debtor, held in day.held],
        "failures": [{"debtor_key": debtor.key, "reason": reason} for debtor, reason in day.failures],
    }
