"""Statutory notices: when a message is presumed received, and the last day of the term that it gives."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from einvoice.receivables.law.calendar import after_working_days
from einvoice.receivables.law.pack import Notice, Presumption


class Receipt(NamedTuple):
    """The day on which a message is presumed received, and on what basis."""

    on: date
    basis: str


def receipt(presumption: Presumption, country: str, channel: str, sent: date) -> Receipt | None:
    """When a message that was sent by a channel on a day is presumed received; None of channels that give no notice."""
    posting = presumption.channels.get(channel)
    if posting is None:
        return None
    on = after_working_days(country, sent, posting.working_days) + timedelta(days=posting.days)
    how = f"{posting.working_days} working days" if posting.working_days else f"{posting.days} calendar day{'s' * (posting.days != 1)}"
    return Receipt(on, f"{channel} sent {sent}, presumed received {how} later: {presumption.basis}")


def term_ends(notice: Notice, received: date) -> date:
    """The last day of a notice's term, which counts from the day after receipt: nothing may be charged through it."""
    return received + timedelta(days=notice.days)
