"""Which invoices go into one action, and which action goes first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from einvoice.receivables.planning.ready import Ready

Group = Sequence[Ready]


def groups(found: list[Ready], by: str) -> list[Group]:
    """Ready invoices of a debtor by step and currency (each alone where `by` is invoice), the one that waits longest first."""
    if len(found) == 1:
        return [found]
    made: dict[tuple[str, str, int], list[Ready]] = {}
    for one in found:
        alone = one.invoice.id if by == "invoice" else 0
        made.setdefault((one.line.step.id, one.invoice.currency, alone), []).append(one)
    return sorted(made.values(), key=_urgency)


def _urgency(group: Group) -> tuple[date, int, str, int]:
    first = group[0]
    return min(one.since for one in group), first.line.step.offset, first.invoice.currency, min(one.invoice.id for one in group)
