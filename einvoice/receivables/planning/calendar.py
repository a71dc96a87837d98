"""Days and hours of contact: the policy's days, holidays, what the law says; windows in the debtor's zone, given in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from einvoice.errors import ReceivablesError
from einvoice.receivables.actions import Note
from einvoice.receivables.law.calendar import holidays_of
from einvoice.receivables.law.ruling import Law
from einvoice.receivables.policy.model import Policy
from einvoice.receivables.snapshot import DebtorSnapshot

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ONE = timedelta(days=1)
_FARTHEST = 400  # days that an explanation looks back


class Window(NamedTuple):
    """Hours of contact on a day, in UTC."""

    start: datetime
    end: datetime


class Waited(NamedTuple):
    """What lay between two days: notes on the days without contact, and the days on which contact was possible."""

    closed: tuple[Note, ...]
    open: tuple[date, ...]


class Calendar:
    """The days and hours that a policy and a law allow; remembers what it worked out."""

    def __init__(self, policy: Policy, law: Law) -> None:
        calendar = policy.calendar
        start, end = calendar.window.split("-")
        self._law = law
        self._days = frozenset(_DAYS.index(name) for name in calendar.days)
        self._whose = calendar.holidays
        self._zone = calendar.tz
        self._window = time.fromisoformat(start), time.fromisoformat(end)
        self._closed: dict[tuple[str, str | None, str, date], Note | None] = {}
        self._waited: dict[tuple[str, str | None, str, date, date], Waited] = {}
        self._windows: dict[tuple[str, date, tuple[time, time] | None], Window | None] = {}

    def closed(self, debtor: DebtorSnapshot, day: date) -> Note | None:
        """Why a debtor may not be contacted on a day; None where it may."""
        key = debtor.country, debtor.region, debtor.creditor.country, day
        try:
            return self._closed[key]
        except KeyError:
            self._closed[key] = found = self._reason(*key)
            return found

    def _reason(self, country: str, region: str | None, creditor: str, day: date) -> Note | None:
        if (weekday := day.weekday()) not in self._days:
            return Note("weekend" if weekday >= 5 else "no-contact-day", f"{day} is a {_NAMES[weekday]}", until=day)
        whose, part = (country, region) if self._whose == "party.country" else (creditor, None)
        if self._whose != "none" and (name := holidays_of(whose, day.year, part).get(day)):
            return Note("holiday", f"{day} is {name} in {whose}", until=day)
        return self._law.contact_day(country, day)

    def waited(self, debtor: DebtorSnapshot, since: date, day: date) -> Waited:
        """What the days from `since` up to the one before `day` were for a debtor; looks back 400 days."""
        key = debtor.country, debtor.region, debtor.creditor.country, since, day
        if (known := self._waited.get(key)) is None:
            known = self._waited[key] = self._walk(debtor, max(since, day - timedelta(days=_FARTHEST)), day)
        return known

    def _walk(self, debtor: DebtorSnapshot, since: date, day: date) -> Waited:
        closed: dict[str, Note] = {}
        possible = []
        while since < day:
            if (note := self.closed(debtor, since)) is None:
                possible.append(since)
            else:
                closed[note.code] = note._replace(until=since)
            since += _ONE
        return Waited(tuple(closed.values()), tuple(possible))

    def window(self, debtor: DebtorSnapshot, day: date, law: tuple[time, time] | None) -> Window | None:
        """The hours in which a debtor may be contacted on a day, cut by the law's; None where nothing is left.

        Raises ReceivablesError where the time zone is unknown.
        """
        key = self.zone(debtor), day, law
        try:
            return self._windows[key]
        except KeyError:
            self._windows[key] = found = self._hours(*key)
            return found

    def zone(self, debtor: DebtorSnapshot) -> str:
        """The name of the time zone in which a debtor's morning is."""
        if self._zone == "party":
            return debtor.time_zone or main_zones().get(debtor.country) or debtor.creditor.time_zone
        return debtor.creditor.time_zone if self._zone == "creditor" else self._zone

    def _hours(self, zone: str, day: date, law: tuple[time, time] | None) -> Window | None:
        start, end = self._window
        if law is not None:
            start, end = max(start, law[0]), min(end, law[1])
        try:
            tz = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ReceivablesError(f"time zone {zone!r} is unknown; write a name such as Europe/Amsterdam") from None
        window = Window(*(datetime.combine(day, moment, tz).astimezone(UTC) for moment in (start, end)))
        return window if window.start < window.end else None


@cache
def main_zones() -> Mapping[str, str]:
    """The main time zone of each country (ISO 3166-1), from `zones.txt`."""
    lines = Path(__file__).with_name("zones.txt").read_text("ascii").splitlines()
    return dict(line.split() for line in lines if not line.startswith("#"))
