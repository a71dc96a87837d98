"""Caps on how often a debtor hears of us; they count steps, not messages."""

from __future__ import annotations

from datetime import date, timedelta

from einvoice.receivables.actions import Note
from einvoice.receivables.policy.model import Limits

_WEEK = timedelta(days=7)


def caps(steps_on: tuple[date, ...], limits: Limits, day: date) -> Note | None:
    """Why another step on a day would be one too many, given the days of the steps so far; None where it is not.

    A debtor has one step a day at most, whatever the policy's cap.
    """
    if not steps_on or steps_on[-1] <= day - _WEEK:
        return None
    if day in steps_on:
        return Note("daily-cap", f"a step was taken on {day} already", until=day)
    week = [each for each in steps_on if day - _WEEK < each <= day]
    if len(week) < limits.per_debtor_per_7d:
        return None
    until = week[-limits.per_debtor_per_7d] + _WEEK - timedelta(days=1)
    return Note("weekly-cap", f"{len(week)} steps in the 7 days to {day}; the policy allows {limits.per_debtor_per_7d}", until=until)
