"""Lives through a bank year with the real readers, matcher and ledger, and holds what was booked by itself against the truth."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import Connection, Engine, select

from einvoice.database import connect
from einvoice.receivables import policy
from einvoice.receivables.ledger import allocate, assign
from einvoice.receivables.ledger.audit import check_ledger
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.importing import import_files
from einvoice.receivables.matching.fitting import payment_key
from einvoice.receivables.matching.importing import Imported, import_statement
from einvoice.receivables.matching.values import Match
from einvoice.receivables.store.tables import BANK_LINES, DEBTORS, INVOICES, PAYMENTS
from tests.receivables import bank_files, books
from tests.receivables.bank_people import Bill
from tests.receivables.bank_year import DISCOUNT, WITHIN, Sent, Truth, Year

FORMATS = ("camt", "mt940", "coda")
RULES = f"""
version: 1
name: bank
segments: [{{id: all, when: "true", flow: f}}]
discounts: [{{percent: {DISCOUNT}, within_days: {WITHIN}}}]
flows:
  f:
    - {{id: r1, offset: 0, all_of: [email], firmness: 1}}
"""


class Judged(NamedTuple):
    """What came of a year: lines by class and outcome, the wrong ones in words, seconds of importing, lines imported."""

    counts: Counter[tuple[str, str]]
    wrong: list[str]
    seconds: float
    lines: int

    def share(self, kind: str) -> float:
        """Percent of the payments of a class (structured, other) that were booked rightly with nobody's help."""
        total = sum(count for (of, _), count in self.counts.items() if of == kind)
        return 100 * self.counts[kind, "automatic"] / max(total, 1)

    def total(self, kind: str) -> int:
        """The payments of a class."""
        return sum(count for (of, _), count in self.counts.items() if of == kind)


def file_of(form: str, lines: Sequence[Sent], number: int, opening: Decimal, family: str) -> bytes:
    """The lines in a format."""
    if form == "camt":
        return bank_files.camt(lines, number, opening, version="02" if number % 2 else "08")
    if form == "mt940":
        return bank_files.mt940(lines, number, opening, german=family == "northern")
    return bank_files.coda(lines, number, opening)


class Living:
    """A year in a database: invoices are booked on their days, files imported every fortnight, and a person settles what is left."""

    def __init__(self, engine: Engine, made: Year, folder: Path, *, person: bool = True) -> None:
        self.engine, self.year, self.folder, self.person = engine, made, folder, person
        self.policy = policy.load(RULES)
        self.truth = {line.id: line for line in made.lines}
        self.counts: Counter[tuple[str, str]] = Counter()
        self.booked: dict[int, str] = {}
        self.outcomes: dict[int, str] = {}
        self.wrong: list[str] = []
        self.seconds, self.lines = 0.0, 0
        self.balance = dict.fromkeys(FORMATS, Decimal("10000.00"))
        with connect(engine) as connection:
            self.creditor = books.creditor(connection, iban=bank_files.ACCOUNTS["camt"], country=made.family.country)
            self._import(connection, "debtors", ("key", "name", "kind", "country"), self._debtors())
            rows = connection.execute(select(DEBTORS.c.key, DEBTORS.c.id)).all()
        self.debtors = {row.key: row.id for row in rows}
        self.keys = {row.id: row.key for row in rows}
        self.invoices: dict[str, int] = {}

    def live(self, days: int = 14) -> Judged:
        """All of it."""
        first = min([self.year.lines[0].day, self.year.bills[0].issued])
        last = self.year.lines[-1].day
        number, day = 0, first
        while day <= last:
            until = day + timedelta(days=days)
            number += 1
            self._period(day, until, number)
            day = until
        with connect(self.engine) as connection:
            faults = check_ledger(connection, self.creditor)
        assert not faults, faults[:3]
        return Judged(self.counts, self.wrong, self.seconds, self.lines)

    def _period(self, since: object, until: object, number: int) -> None:
        bills = [bill for bill in self.year.bills if since <= bill.issued < until]  # type: ignore[operator]
        lines = [line for line in self.year.lines if since <= line.day < until]  # type: ignore[operator]
        with connect(self.engine) as connection:
            self.book(connection, bills)
        parts: dict[str, list[Sent]] = {form: [] for form in FORMATS}
        for line in lines:
            parts[self._form(line)].append(line)
        for form in FORMATS:
            self._file(form, parts[form], number)

    def book(self, connection: Connection, bills: Sequence[Bill]) -> None:
        """Books invoices."""
        head = ("number", "debtor", "issued", "due", "amount", "currency", "reference")
        self._import(connection, "invoices", head, [(b.number, b.debtor, b.issued, b.due, b.amount, "EUR", b.reference) for b in bills])
        numbers = select(INVOICES.c.number, INVOICES.c.id).where(INVOICES.c.creditor_id == self.creditor)
        self.invoices = {row.number: row.id for row in connection.execute(numbers)}

    def _form(self, line: Sent) -> str:
        """Each debtor pays to one account, so that what is taken back comes where it was paid."""
        key = line.truth.debtor or str(line.id)
        return FORMATS[sum(map(ord, key)) % len(FORMATS)]

    def _file(self, form: str, lines: Sequence[Sent], number: int) -> None:
        if not lines:
            return
        data = file_of(form, lines, number, self.balance[form], self.year.family.name)
        self.balance[form] += sum((line.amount for line in lines), Decimal(0))
        now = datetime(lines[-1].day.year, lines[-1].day.month, lines[-1].day.day, 20, tzinfo=UTC)
        with connect(self.engine) as connection:
            begun = perf_counter()
            booked = Booking(now.date(), "bank", now)
            found = import_statement(connection, self.creditor, data, f"{form}-{number}", booked, self.policy)
            self.seconds += perf_counter() - begun
            self.lines += len(found.matches)
            self._judge(found, lines)
            if self.person:
                self._settle(connection, found, booked)

    def _judge(self, found: Imported, lines: Sequence[Sent]) -> None:
        assert len(found.matches) == len(lines), (len(found.matches), len(lines))
        self.booked |= {self.of(one).id: payment_key(one.line) for one in found.matches}
        for one in found.matches:
            sent = self.of(one)
            outcome = self.outcomes[sent.id] = self.outcome(one, sent)
            self.counts[kind_of(sent), outcome] += 1
            self.counts[f"label {sent.truth.label}", outcome] += 1
            for noise in sent.truth.noise or {"none"}:
                self.counts[f"noise {noise}", outcome] += 1
            if outcome == "person" and kind_of(sent) != "not a payment":
                against = sorted({each.code for each in one.explanation if not each.holds})
                self.counts[f"why {kind_of(sent)} {one.state} {' '.join(against)}", outcome] += 1
            if outcome == "wrong":
                self.wrong.append(f"{sent} -> {one.kind} {one.state} {self._named(one)} {[each.text for each in one.explanation]}")

    def of(self, one: Match) -> Sent:
        """The line that a match is about, by the bank's reference."""
        return self.truth[int(one.line.bank[1:])]

    def outcome(self, one: Match, sent: Sent) -> str:
        """automatic, person, wrong; or designated.

        Who pays a part under the reference of another invoice of his own says what he pays (BW 6:43, § 366 BGB, art. 1342-10 Code civil):
        nothing on the line speaks against it. It is booked there, and counts neither as wrong nor as automatic.
        """
        truth = sent.truth
        if one.state in ("open", "done"):
            return "person"
        if one.state == "ignored":
            return "automatic" if truth.debtor is None else "wrong"
        if one.reverses:
            return "automatic" if truth.takes and one.reverses == self.booked.get(truth.takes) else "wrong"
        if one.debtor != self.debtors.get(truth.debtor or ""):
            return "wrong"
        if one.kind in ("returned", "refund"):
            return "automatic" if truth.label in ("refund", "reversal") else "wrong"
        return self._paid(one, truth)

    def _paid(self, one: Match, truth: Truth) -> str:
        """Whether the invoices that got something are those that were paid, to the cent."""
        pays = {self.invoices[number]: amount for number, amount in truth.pays.items()}
        if one.state == "account":
            return "person" if pays else "automatic"
        if truth.again and self.outcomes.get(truth.again) == "person":
            first = self.truth[truth.again].truth.pays
            pays = {self.invoices[number]: amount for number, amount in first.items()}
        if dict(one.allocations) == pays:
            return "automatic"
        return "designated" if truth.label == "partial" and "wrong reference" in truth.noise and one.kind == "partial" else "wrong"

    def _named(self, one: Match) -> str:
        numbers = {ref: number for number, ref in self.invoices.items()}
        return f"{self.keys.get(one.debtor or 0)} {[(numbers.get(ref), str(amount)) for ref, amount in one.allocations]}"

    def _settle(self, connection: Connection, found: Imported, booked: Booking) -> None:
        """A person who knows the truth assigns what was not matched; what an invoice no longer owes stays on account."""
        for one in found.matches:
            truth = self.of(one).truth
            if one.state not in ("open", "account") or not one.posts or truth.debtor is None:
                continue
            row = connection.execute(select(PAYMENTS).where(PAYMENTS.c.key == f"bank:{one.line.key}")).one()
            if row.state == "reversed":
                continue
            if row.debtor_id is None:
                assign(connection, row.id, self.debtors[truth.debtor], booked)
            to = [(self.invoices[number], None) for number in truth.pays]
            if to:
                allocate(connection, row.transaction_id, booked, to=to)
            lines = BANK_LINES.update().where(BANK_LINES.c.payment_id == row.id)
            connection.execute(lines.values(state="done", settled_on=booked.day, settled_by=booked.by))

    def _debtors(self) -> Iterator[Sequence[object]]:
        for person in self.year.persons:
            yield person.key, person.name, person.kind, self.year.family.country

    def _import(self, connection: Connection, kind: str, head: Sequence[str], rows: object) -> None:
        path = self.folder / f"{kind}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(head)
            writer.writerows(rows)  # type: ignore[arg-type]
        if path.stat().st_size > len(",".join(head)) + 4:
            import_files(connection, self.creditor, [path], books.booking())


def kind_of(sent: Sent) -> str:
    """The class of a line: a payment of a debtor with a structured reference (right or wrong) or another, or no payment of a debtor."""
    if sent.truth.debtor is None or sent.amount < 0:
        return "not a payment"
    return "structured" if sent.truth.style == "structured" else "other"


def by_label(judged: Judged, prefix: str) -> dict[str, Counter[str]]:
    """Outcomes by label or noise."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for (kind, outcome), count in judged.counts.items():
        if kind.startswith(prefix):
            found[kind.removeprefix(prefix)][outcome] += count
    return dict(found)
