"""The law of every country that has a pack, as the planner asks it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from einvoice.errors import ReceivablesError
from einvoice.receivables.actions import Note
from einvoice.receivables.law.calendar import holidays_of
from einvoice.receivables.law.judging import Manner, judge
from einvoice.receivables.law.notices import Receipt, receipt, term_ends
from einvoice.receivables.law.pack import Contact, Notice, Pack, Presumption
from einvoice.receivables.law.reading import read
from einvoice.receivables.law.ruling import Asked, Ruling
from einvoice.receivables.law.terms import Bargain, flag

SHARED = "EU"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Laws:
    """Packs by country; `rates` is the SHA-256 of all of them."""

    def __init__(self, packs: Mapping[str, Pack], rates: str) -> None:
        shared = packs.get(SHARED)
        if shared is None or shared.contact is None or shared.receipt is None:
            raise ReceivablesError("the law of all countries, eu.json with contact and receipt, is missing; restore it")
        self.shared = shared
        self.contact: Contact = shared.contact
        self.presumption: Presumption = shared.receipt
        self.packs = {country: pack for country, pack in packs.items() if country != SHARED}
        self._rates = rates
        self._manner = self._manner_of(shared)
        self._manners = {country: self._manner_of(pack) for country, pack in self.packs.items()}
        self._days: dict[tuple[str, date], Note | None] = {}

    @property
    def rates(self) -> str:
        """SHA-256 of all tables in force here: what an action was computed with."""
        return self._rates

    @cached_property
    def countries(self) -> tuple[str, ...]:
        """The countries whose statutory claims are known."""
        return tuple(sorted(self.packs))

    def rule(self, asked: Asked) -> Ruling:
        """What the law says of a step. Pure: the same question has the same answer."""
        return judge(self.packs.get(asked.debtor.country), self._manners.get(asked.debtor.country, self._manner), asked)

    def contact_day(self, country: str, day: date) -> Note | None:
        """Why debtors in a country may not be contacted on a day (`sunday`, `holiday`); None where they may."""
        key = (country, day)
        if key not in self._days:
            self._days[key] = self._contact_day(country, day)
        return self._days[key]

    def no_call(self, country: str) -> bool:
        """Whether a country's law or custom rules out calling debtors."""
        pack = self.packs.get(country)
        return pack is not None and pack.contact is not None and pack.contact.no_call

    def receipt(self, country: str, channel: str, sent: date) -> Receipt | None:
        """When a message to a debtor in a country is presumed received, and why; None of channels that give no notice."""
        pack = self.packs.get(country)
        return receipt((pack and pack.receipt) or self.presumption, country, channel, sent)

    def outdated(self, day: date) -> tuple[Note, ...]:
        """The tables that no longer know a rate on a day: for such days no interest is claimed, until they are updated."""
        late = [(pack, table) for pack in self.packs.values() for table in pack.tables.values() if table.through and table.through < day]
        mend = "update it: python -m einvoice_schemas.law.update, or a line from the official publication"
        return tuple(
            Note("rates-outdated", f"{pack.country} {table.name} ({table.title}) ends on {table.through}; {mend}") for pack, table in late
        )

    def notice_id(self, country: str, kind: str) -> str | None:
        """The statutory notice that such debtors get; None where the law knows none."""
        notice = self._notice(country, kind)
        return None if notice is None else notice.id

    def notice_ends(self, country: str, kind: str, received: date) -> date | None:
        """The last day of the term that this notice gives when it is received on a day; None where the law knows none."""
        notice = self._notice(country, kind)
        return None if notice is None else term_ends(notice, received)

    def term_flag(
        self,
        *,
        creditor: str,
        debtor: str,
        kind: str,
        issued: date,
        due: date,
        creditor_size: str | None = None,
        debtor_size: str | None = None,
        agreed: bool = False,
    ) -> Note | None:
        """Why an invoice's term is longer than the law of either country allows; None where it is not.

        `creditor` and `debtor` are countries, sizes micro, small, medium, large or None; `agreed` says that it was agreed expressly.
        """
        packs = [self._terms_of(country) for country in dict.fromkeys((creditor, debtor))]
        return flag([pack for pack in packs if pack], Bargain(kind, issued, due, creditor_size, debtor_size, agreed))

    def _notice(self, country: str, kind: str) -> Notice | None:
        pack = self.packs.get(country)
        return pack.debtors[kind].notice if pack and kind in pack.debtors else None

    def _manner_of(self, pack: Pack) -> Manner:
        return Manner((pack.contact or self.contact).window, frozenset((pack.receipt or self.presumption).channels))

    def _terms_of(self, country: str) -> Pack | None:
        """The pack that has the country's terms: its own, or what holds in the whole Union."""
        pack = self.packs.get(country)
        return pack if pack and pack.terms else self.shared if country in self.shared.members else None

    def _contact_day(self, country: str, day: date) -> Note | None:
        if day.weekday() in self.contact.never:
            name = WEEKDAYS[day.weekday()]
            return Note(name, f"{name} {day}", str(self.contact.basis))
        holiday = holidays_of(country, day.year).get(day) if self.contact.holidays else None
        return None if holiday is None else Note("holiday", f"{holiday} in {country}, {day}", str(self.contact.basis))


@cache
def load(folder: Path | None = None) -> Laws:
    """The law as the data files of a folder say it; that of `einvoice_schemas` unless told.

    Raises ReceivablesError where a file cannot be read or a figure has no source.
    """
    from einvoice_schemas.law import FOLDER  # noqa: PLC0415 - read when the law is, not when the program starts

    files = sorted((folder or FOLDER).glob("*.json"))
    packs = [read(path) for path in files]
    rates = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    return Laws({pack.country: pack for pack in packs}, rates)
