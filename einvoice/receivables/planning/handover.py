"""Who may be handed over: enough delivered contacts on every invoice, and never a natural person on a score alone."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from einvoice.receivables.actions import Note
from einvoice.receivables.planning.grouping import Group
from einvoice.receivables.planning.morning import Morning
from einvoice.receivables.snapshot import DebtorSnapshot, Kind

CONFIRMED = timedelta(days=10)
"""After so long the delivery of the last contact is known: 72 hours of an e-mail, 3 working days of a letter."""


class Guarded(NamedTuple):
    """Which invoices may be handed over, or (`decide`) are for a person to decide on; what holds the others; what explains it."""

    group: Group
    decide: bool
    held: tuple[Note, ...]
    notes: tuple[Note, ...] = ()


def guarded(morning: Morning, debtor: DebtorSnapshot, segment: str, group: Group, agency: str) -> Guarded:
    """What may become of a hand-over that the policy wants."""
    if debtor.kind == Kind.CONSUMER and segment in morning.scored:
        text = f"a person decides on {agency}: segment {segment} looks at a score, and no natural person is handed over on a score alone"
        return Guarded(group, True, (), (Note("score-alone", text, "GDPR art. 22; CJEU C-634/21"),))
    least = morning.policy.limits.min_contacts_before_collection
    text = f"fewer than {least} delivered contacts before {agency}"
    enough = [one for one in group if one.invoice.contacts >= least]
    if enough:
        return Guarded(enough, False, (Note("min-contacts", text),) if len(enough) < len(group) else ())
    known = [one for one in group if one.invoice.stepped is not None and one.invoice.stepped + CONFIRMED <= morning.day]
    if known:
        return Guarded(known, True, (), (Note("min-contacts", f"{text}: a person decides"),))
    return Guarded((), False, (Note("min-contacts", text),))
