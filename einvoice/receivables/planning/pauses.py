"""What holds a debtor as a whole today: an action on its way, insolvency, a person's word, pauses of everything."""

from __future__ import annotations

from datetime import date

from einvoice.receivables.actions import Note
from einvoice.receivables.planning.credit import Holds
from einvoice.receivables.snapshot import DebtorSnapshot, Hold


def pauses(debtor: DebtorSnapshot, holds: Holds, day: date) -> list[Note]:
    """Why nothing goes to a debtor on a day, whatever the invoice; empty where nothing holds it."""
    if not (debtor.pending or debtor.insolvent_on or debtor.hold_until or holds.debtor):
        return []
    notes = [Note("pending", "an action of this debtor is planned or being sent")] if debtor.pending else []
    if debtor.insolvent_on is not None and debtor.insolvent_on <= day:
        notes.append(Note("insolvency", f"insolvent since {debtor.insolvent_on}"))
    if debtor.hold_until is not None and debtor.hold_until >= day:
        notes.append(Note("manual", f"held by a person through {debtor.hold_until}", until=debtor.hold_until))
    return notes + [note_on(hold, "everything of this debtor") for hold in holds.debtor]


def note_on(hold: Hold, what: str) -> Note:
    """A pause as a reason; its code is the pause's, such as `dispute` or `payment-pending`."""
    code = hold.reason.replace("_", "-")
    end = f"through {hold.until}" if hold.until else "until it is ended"
    return Note(code, f"{what} is paused {end}: {code.replace('-', ' ')}", until=hold.until)
