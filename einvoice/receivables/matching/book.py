"""The book: what is open and was settled lately, and who pays, indexed by everything a payment may name. Pure; `loading` fills it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

from einvoice.receivables.matching.names import RARE, Name, agreement, name_of
from einvoice.receivables.matching.references import canonical, checked, number_keys
from einvoice.receivables.matching.values import Collection, Credit, Debtor, Item, Paid, Waiting

_LONG, _TELLS = 6, 3
"""Digits from which on a number of digits alone names an invoice to anybody; digits that a number with letters has."""
_WORDY, _KIN = 5, 50
"""Digits that a reference without check digits has to name an invoice; debtors who may share a word that still tells a family."""
_CROWD = 2_000
"""Debtors that share a word, beyond which the word finds nobody."""


class Known(NamedTuple):
    """What is known beside invoices and names: accounts by debtor (how often each paid), mandates, debits, money on account, payments."""

    ibans: Mapping[str, Mapping[int, int]] = {}
    mandates: Mapping[str, int] = {}
    collections: Mapping[str, Collection] = {}
    credits: Iterable[Credit] = ()
    paid: Iterable[Paid] = ()
    accounts: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    batches: Mapping[str, Decimal] = {}
    waiting: Iterable[Waiting] = ()
    lately: Mapping[tuple[int, str, Decimal], date] = {}


class Book:
    """All that a line may be held against. It does not change while lines are matched."""

    def __init__(self, items: Iterable[Item], debtors: Iterable[tuple[int, str, str]], known: Known | None = None) -> None:
        self.known = known or Known()
        self.items = {item.id: item for item in items}
        self.debtors = {ref: Debtor(ref, key, name, name_of(name)) for ref, key, name in debtors}
        self.by_reference: dict[str, list[int]] = defaultdict(list)
        self.by_word: dict[str, list[int]] = defaultdict(list)
        self.by_digits: dict[str, list[int]] = defaultdict(list)
        self.by_groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self.by_amount: dict[tuple[str, Decimal], list[int]] = defaultdict(list)
        self.by_debtor: dict[int, list[int]] = defaultdict(list)
        self.by_name: dict[str, set[int]] = defaultdict(set)
        self._levels: dict[Name, dict[int, int]] = {}
        self.credits: dict[int, list[Credit]] = defaultdict(list)
        self.paid: dict[tuple[str, Decimal], list[Paid]] = defaultdict(list)
        self.payers: dict[tuple[str, Decimal], set[int]] = defaultdict(set)
        self._checked = checked({item.reference for item in self.items.values() if item.reference})
        self.waiting: dict[tuple[str, Decimal], list[Waiting]] = defaultdict(list)
        for item in self.items.values():
            self._index(item)
        for line in self.known.waiting:
            self.waiting[line.currency, line.amount].append(line)
        for debtor in self.debtors.values():
            for word in debtor.words.words:
                self.by_name[word].add(debtor.id)
        self.sharing = {word: len(found) for word, found in self.by_name.items()}
        for credit in self.known.credits:
            self.credits[credit.debtor].append(credit)
        for paid in self.known.paid:
            self.paid[paid.currency, paid.amount].append(paid)

    def _index(self, item: Item) -> None:
        ref = item.id
        self.by_debtor[item.debtor].append(ref)
        words, digits, groups = number_keys(item.number)
        if not words.isdigit() and len(digits) >= _TELLS:
            self.by_word[words].append(ref)
        self.by_digits[digits].append(ref)
        if len(groups) > 1:
            self.by_groups[groups].append(ref)
        if item.reference:
            self._refer(ref, item.reference, digits)
        for amount in amounts_of(item):
            self.by_amount[item.currency, amount].append(ref)
            if item.settled_on is None:
                self.payers[item.currency, amount].add(item.debtor)

    def _refer(self, ref: int, reference: str, number: str) -> None:
        """A reference with check digits, or else another number of the invoice; words alone name nothing."""
        plain = canonical(reference)
        if reference in self._checked:
            self.by_reference[plain].append(ref)
        elif plain.isdigit() and plain != number:
            self.by_digits[plain].append(ref)
        elif sum(sign.isdigit() for sign in plain) >= _WORDY:
            self.by_word[plain].append(ref)

    def named(self, debtor: int) -> str:
        """A debtor's name as explanations have it."""
        found = self.debtors.get(debtor)
        return f"{found.name} ({found.key})" if found else f"debtor {debtor}"

    def numbers(self, items: Iterable[int]) -> str:
        """Invoices by their numbers."""
        return ", ".join(self.items[ref].number for ref in items)

    def named_like(self, name: Name) -> Mapping[int, int]:
        """Debtors whose names agree with one, and how far; worked out once a name."""
        found = self._levels.get(name)
        if found is None:
            levels = {ref: agreement(name, self.debtors[ref].words, self.sharing) for ref in self._sharing(name)}
            found = self._levels[name] = {ref: level for ref, level in levels.items() if level}
        return found

    def akin(self, name: Name, currency: str, amount: Decimal) -> set[int]:
        """Debtors who owe an amount and share a word with a name that few have: of the same family or group, perhaps."""
        owing = self.payers.get((currency, amount), set())
        return {ref for word in name.words if self.sharing.get(word, _KIN + 1) <= _KIN for ref in self.by_name[word] & owing}

    def _sharing(self, name: Name) -> set[int]:
        """Debtors who may agree with a name: who share two words with it, or one that few have; of a single word, all who have it."""
        known = [self.by_name[word] for word in name.words if word in self.by_name]
        found = {ref for one, other in combinations(known, 2) for ref in one & other}
        for word in name.words:
            if self.sharing.get(word, _CROWD + 1) <= RARE:
                found |= self.by_name[word]
        for having in known:
            if len(name.words) == 1 or len(known) == 1:
                found |= having if len(having) <= _CROWD else set()
        if name.cut:
            found |= {ref for having in known for ref in having if len(having) <= _CROWD}
        return found

    def is_long(self, digits: str) -> bool:
        """Whether digits alone name an invoice to anybody."""
        return len(digits) >= _LONG


def amounts_of(item: Item) -> set[Decimal]:
    """The amounts that a payment of an invoice in full may have; of a settled one, what it was."""
    if item.settled_on is not None or item.open <= 0:
        return {item.amount}
    found = {item.open, item.owes}
    return found | {item.open - each.amount for each in item.discounts}


def recent(item: Item, day: date, days: int) -> bool:
    """Whether an invoice was settled so lately that a second payment of it may come."""
    return item.settled_on is not None and (day - item.settled_on).days <= days
