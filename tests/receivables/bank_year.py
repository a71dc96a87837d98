"""A bank year: payments with named noise, and beside them the truth, which the matcher never sees.

Each debtor's payments are simulated in their order: which invoices, how much, from which account, under which name, and what is written.
What goes wrong is drawn without looking at what the matcher does about it; several things may go wrong in one payment.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from tests.receivables import bank_words
from tests.receivables.bank_families import Family
from tests.receivables.bank_people import FIRST, YEAR, Bill, Payer, Person, bills, iban, people

DISCOUNT, WITHIN = Decimal(2), 10
"""The early-payment discount that the creditor's policy grants: percent, days."""


class Truth(NamedTuple):
    """What a line is: its label, whose money, what it pays; `noise` names what went wrong, `style` what was meant to be written.

    `takes` is the number of the line that it takes back, `again` of the one that paid the same before: of the two, one pays the invoice.
    """

    label: str
    debtor: str | None
    pays: dict[str, Decimal]
    noise: frozenset[str] = frozenset()
    style: str = "none"
    takes: int | None = None
    again: int | None = None


class Sent(NamedTuple):
    """A line as the bank has it, with its truth apart."""

    id: int
    day: date
    amount: Decimal
    payer: str
    iban: str
    text: str
    reference: str
    end_to_end: str
    code: str
    truth: Truth
    reason: str = ""
    reversal: bool = False
    ultimate: str = ""


class Year(NamedTuple):
    """All of it: who owes, what, and the lines in the order of their days."""

    family: Family
    persons: list[Person]
    bills: list[Bill]
    lines: list[Sent]


def year(family: Family, lines: int, seed: int) -> Year:
    """A year of about so many lines."""
    chance = random.Random(f"{family.name}/{seed}")
    persons = people(family, max(20, lines // 9), chance)
    owed = bills(family, persons, int(lines * 0.95), chance)
    maker = Maker(family, chance)
    by_debtor: dict[str, list[Bill]] = {person.key: [] for person in persons}
    for bill in owed:
        by_debtor[bill.debtor].append(bill)
    made = [line for person in persons for line in maker.payments(person, by_debtor[person.key])]
    made += list(maker.others(len(made) // 12))
    equal = shared(owed)
    made = [line._replace(truth=_marked(line, equal)) for line in made]
    made.sort(key=lambda line: (line.day, line.id))
    return Year(family, persons, owed, made)


def shared(owed: Iterable[Bill]) -> frozenset[Decimal]:
    """Amounts that several debtors were invoiced."""
    whose: dict[Decimal, set[str]] = {}
    for bill in owed:
        whose.setdefault(bill.amount, set()).add(bill.debtor)
    return frozenset(amount for amount, debtors in whose.items() if len(debtors) > 1)


def _marked(line: Sent, equal: frozenset[Decimal]) -> Truth:
    """A truth that says where others were invoiced the same amount."""
    is_equal = line.truth.debtor is not None and line.amount in equal
    return line.truth._replace(noise=line.truth.noise | {EQUAL}) if is_equal else line.truth


EQUAL = "equal amounts at two debtors"


class Maker:
    """Makes the lines of a year."""

    def __init__(self, family: Family, chance: random.Random) -> None:
        self.family, self.chance, self.rates = family, chance, family.rates
        self.count = 0
        self.provider = Payer("Stichting Mollie Payments", iban(family.country, chance, family.banks))

    def happens(self, name: str) -> bool:
        """Draws whether something happens."""
        return self.chance.random() < self.rates[name]

    def payments(self, person: Person, owed: list[Bill]) -> Iterator[Sent]:
        """What a debtor pays, and what is paid back to it."""
        waiting = sorted(((bill.due + timedelta(days=self._late(person, bill)), bill) for bill in owed), key=lambda pair: pair[0])
        paid: set[str] = set()
        last: Bill | None = None
        for day, bill in waiting:
            if bill.number in paid or self.happens("never"):
                continue
            together = [bill]
            if self.happens("combined"):
                together += [more for _, more in waiting if more.issued <= day and more.number not in paid and more is not bill]
                together = together[: self.chance.choice((2, 2, 3, 4))]
            if len(together) == 1:
                together += self._many(waiting, paid, bill, day)
            paid |= {one.number for one in together}
            yield from self._paying(person, together, max(day, bill.issued), last)
            last = bill

    def _late(self, person: Person, bill: Bill) -> int:
        if person.takes_discount:
            return -(bill.due - bill.issued).days + self.chance.randrange(WITHIN + 3)
        return self.chance.choice((-10, -5, -3, -1, 0, 0, 1, 2, 4, 7, 12, 20, 35, 50))

    def _many(self, waiting: list[tuple[date, Bill]], paid: set[str], bill: Bill, day: date) -> list[Bill]:
        """Everything that is open, at once."""
        if not self.happens("many in one"):
            return []
        return [more for _, more in waiting if more.issued <= day and more.number not in paid and more is not bill][:11]

    def _paying(self, person: Person, owed: list[Bill], day: date, last: Bill | None) -> Iterator[Sent]:
        total = sum((bill.amount for bill in owed), Decimal(0))
        pays = {bill.number: bill.amount for bill in owed}
        label, noise = ("exact" if len(owed) == 1 else "combined"), set[str]()
        if len(owed) == 1 and person.takes_discount and (day - owed[0].issued).days <= WITHIN:
            total -= (owed[0].amount * DISCOUNT / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP")
            pays, label = {owed[0].number: total}, "discount"
        elif len(owed) == 1 and total > 20 and self.happens("partial"):
            yield from self._in_parts(person, owed[0], day, last)
            return
        elif self.happens("overpaid"):
            total += Decimal(self.chance.choice(("0.01", "1.00", "5.00", "10.00", "0.50")))
            label = "overpaid"
        elif self.happens("amount typo"):
            total, pays = self._mistyped(total, pays)
            noise.add("amount typo")
        first = self._send(person, owed, day, total, Truth(label, person.key, pays, frozenset(noise)), last)
        yield first
        yield from self._after(person, owed, first, last)

    def _mistyped(self, total: Decimal, pays: dict[str, Decimal]) -> tuple[Decimal, dict[str, Decimal]]:
        """Two digits of the amount changed places: less pays a part, more is too much; of several nobody can say."""
        digits = list(str(total))
        spots = [at for at in range(len(digits) - 1) if digits[at].isdigit() and digits[at + 1].isdigit() and digits[at] != digits[at + 1]]
        if not spots:
            return total, pays
        at = self.chance.choice(spots)
        digits[at], digits[at + 1] = digits[at + 1], digits[at]
        typed = Decimal("".join(digits))
        if typed <= 0:
            return total, pays
        return typed, {number: min(amount, typed) for number, amount in pays.items()} if len(pays) == 1 else {}

    def _in_parts(self, person: Person, bill: Bill, day: date, last: Bill | None) -> Iterator[Sent]:
        share = self.chance.choice(
            (bill.amount / 2, bill.amount / 3, Decimal(int(bill.amount / 2)), Decimal(int(bill.amount * 3 / 4 / 10) * 10))
        )
        part = max(share.quantize(Decimal("0.01")), Decimal("1.00"))
        yield self._send(person, [bill], day, part, Truth("partial", person.key, {bill.number: part}), last)
        rest = bill.amount - part
        if rest > 0 and self.chance.random() < 0.8:
            then = day + timedelta(days=self.chance.randrange(3, 40))
            yield self._send(person, [bill], then, rest, Truth("rest", person.key, {bill.number: rest}), last)

    def _after(self, person: Person, owed: list[Bill], first: Sent, last: Bill | None) -> Iterator[Sent]:
        """What may follow on a payment: it is made again, and perhaps paid back; or the bank takes it back, and it is made once more."""
        settles = first.truth.pays == {bill.number: bill.amount for bill in owed} or first.truth.label == "discount"
        if settles and self.happens("double"):
            day = first.day + timedelta(days=self.chance.choice((0, 1, 2, 3, 5, 8, 14, 21, 30, 45)))
            again = self._send(person, owed, day, first.amount, Truth("double", person.key, {}, again=first.id), last)
            yield again
            if self.happens("refund"):
                back = day + timedelta(days=self.chance.randrange(5, 30))
                truth = Truth("refund", person.key, {}, takes=again.id)
                yield self._made(back, -first.amount, Payer(person.name, again.iban), "Terugbetaling", truth, code="PMNT-ICDT-ESCT")
        elif self.happens("reversed"):
            day = first.day + timedelta(days=1)
            truth = Truth("reversal", person.key, {}, takes=first.id)
            yield self._made(
                day, -first.amount, Payer(first.payer, first.iban), first.text, truth, reversal=True, end_to_end=first.end_to_end
            )
            later = day + timedelta(days=self.chance.randrange(2, 20))
            yield self._send(person, owed, later, first.amount, first.truth._replace(noise=frozenset()), last)

    def _send(self, person: Person, owed: list[Bill], day: date, amount: Decimal, truth: Truth, last: Bill | None) -> Sent:
        wrote = bank_words.written(self.family, self.chance, person, owed, last)
        payer, ultimate, noise = self._payer(person, day)
        truth = truth._replace(noise=truth.noise | wrote.noise | noise, style=wrote.style)
        self.count += 1
        end_to_end = f"E2E{self.count:08}" if self.chance.random() < 0.4 else ""
        return Sent(
            self.count,
            day,
            amount,
            payer.name,
            payer.iban,
            wrote.text,
            wrote.reference,
            end_to_end,
            "PMNT-RCDT-ESCT",
            truth,
            ultimate=ultimate,
        )

    def _payer(self, person: Person, day: date) -> tuple[Payer, str, set[str]]:
        own = person.iban if day < FIRST + timedelta(days=YEAR // 2) else person.second
        if person.other is not None:
            return person.other, person.name if self.happens("ultimate") else "", {"third party"}
        if self.happens("casual third party"):
            name = f"{self.chance.choice(self.family.first)} {self.chance.choice(self.family.last)}".replace("_", " ")
            return Payer(name, iban(self.family.country, self.chance, self.family.banks)), "", {"third party"}
        if self.happens("no name"):
            return Payer("", own), "", {"no name"}
        if self.happens("name variant"):
            return Payer(self.chance.choice(person.names), own), "", {"name variant"}
        return Payer(person.name, own), "", set()

    def _made(
        self,
        day: date,
        amount: Decimal,
        payer: Payer,
        text: str,
        truth: Truth,
        *,
        code: str = "",
        reversal: bool = False,
        end_to_end: str = "",
    ) -> Sent:
        self.count += 1
        return Sent(self.count, day, amount, payer.name, payer.iban, text, "", end_to_end, code, truth, "", reversal)

    def others(self, count: int) -> Iterable[Sent]:
        """Lines that are no debtor's: charges, wages, suppliers, taxes, interest, payouts."""
        family, chance = self.family, self.chance
        for _ in range(count):
            day = FIRST + timedelta(days=chance.randrange(YEAR))
            cents = Decimal(chance.randrange(100, 400_000)).scaleb(-2)
            who = Payer(
                chance.choice(("Energie AG", "Telecom NV", "Belastingdienst", "Lease Plan")), iban(family.country, chance, family.banks)
            )
            which = chance.choice(("charge", "supplier", "supplier", "wages", "tax refund", "interest", "payout"))
            if which == "payout":
                yield self._made(day, cents, self.provider, "payout 8812 ref 12345678", Truth(which, None, {}), code="PMNT-RCDT-ESCT")
            elif which in ("tax refund", "interest"):
                nobody = Payer("", "") if which == "interest" else who
                code = "ACMT-MCOP-INTR" if which == "interest" else "PMNT-RCDT-ESCT"
                yield self._made(day, cents, nobody, f"{which} 2026 4711", Truth(which, None, {}), code=code)
            else:
                to = Payer("", "") if which == "charge" else who
                code = "ACMT-MDOP-CHRG" if which == "charge" else "PMNT-ICDT-ESCT"
                yield self._made(day, -cents, to, f"{which} {chance.randrange(10**6)}", Truth(which, None, {}), code=code)
