"""What a line shows: references and numbers of ours that it names, and who seems to have paid it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from einvoice.receivables.matching import references
from einvoice.receivables.matching.book import Book
from einvoice.receivables.matching.names import FULL, NONE, PART, Name, agreement, name_of
from einvoice.receivables.matching.reading import BankLine

_BARE = 8
"""Digits from which on a reference of ours is told in free text."""


class Payer(NamedTuple):
    """Who seems to have paid.

    `certain` is a debtor whose mandate or own account it is, under its own name; `likely` one of which only the account or only the
    whole name is known. `possible` are all to whom account or name may belong. `why` says by what.
    """

    certain: int | None
    likely: int | None
    possible: frozenset[int]
    why: str

    def agrees(self, debtor: int) -> bool:
        """Whether account or name are the debtor's."""
        return debtor in self.possible or debtor in (self.certain, self.likely)

    def other_than(self, debtor: int) -> int | None:
        """Somebody else who seems to have paid."""
        other = self.certain or self.likely
        return other if other is not None and other != debtor else None


class Evidence(NamedTuple):
    """What a line shows.

    `referred` are invoices whose checked reference stands there, `numbered` those whose number does, in full; `loosely` those whose
    number stands there with parts missing (leading zeros, letters), or is too short to tell; `tails` last parts of numbers. `failing`
    and `foreign` are references whose check digits fail, and such as hold but are none of ours.
    """

    referred: frozenset[int]
    numbered: frozenset[int]
    loosely: frozenset[int]
    tails: frozenset[str]
    failing: frozenset[str]
    foreign: frozenset[str]
    payer: Payer


def seen(line: BankLine, book: Book) -> Evidence:
    """Everything that a line shows."""
    text = " | ".join([references.whole(line.text), *line.references])
    found = references.candidates(text)
    wrote = references.written(line.references, references.whole(line.text))
    referred: set[int] = set()
    numbered: set[int] = set()
    loosely: set[int] = set()
    known: set[str] = set()
    for reference in wrote.checked:
        if reference in book.by_reference:
            referred.update(book.by_reference[reference])
            known.add(reference)
    _bare(found, book, referred, known)
    for word in found.words:
        numbered.update(book.by_word.get(word, ()))
    for digits in found.digits:
        hits = book.by_digits.get(digits)
        if hits and not _is_reference_part(digits, known):
            (numbered if book.is_long(digits) else loosely).update(hits)
    for group in found.groups:
        loosely.update(book.by_groups.get(group, ()))
    names = {references.canonical(word) for ref in numbered | loosely for word in (book.items[ref].number, book.items[ref].reference or "")}
    unknown = {reference for reference in wrote.checked - known if reference not in names}
    failing = {reference for reference in wrote.failing if reference not in names and not _is_text(reference)}
    return Evidence(
        frozenset(referred),
        frozenset(numbered - referred),
        frozenset(loosely - numbered - referred),
        frozenset(digits for digits in found.digits if len(digits) > 2),
        frozenset(failing),
        frozenset(unknown),
        payer(line, book),
    )


def _bare(found: references.Candidates, book: Book, referred: set[int], known: set[str]) -> None:
    """References of ours that stand in the text as bare digits: those that are long enough to be no chance."""
    for digits in found.digits:
        if len(digits) >= _BARE:
            plain = references.canonical(digits)
            if plain in book.by_reference:
                referred.update(book.by_reference[plain])
                known.add(plain)


def _is_reference_part(digits: str, known: set[str]) -> bool:
    """Whether digits are a reference that was found as such already."""
    return references.canonical(digits) in known


def _is_text(reference: str) -> bool:
    """Whether what a structured field holds is words rather than a reference: too few digits to be one."""
    return sum(sign.isdigit() for sign in reference) < 5


def payer(line: BankLine, book: Book) -> Payer:
    """Who seems to have paid a line, by mandate, account and names."""
    by_account = book.known.ibans.get(line.iban, {}) if line.iban else {}
    said = [name_of(text) for text in (line.payer, line.ultimate) if text]
    levels = _levels(said, by_account, book)
    full = {debtor for debtor, level in levels.items() if level == FULL}
    part = {debtor for debtor, level in levels.items() if level == PART}
    possible = frozenset(full | part | set(by_account))
    mandated = book.known.mandates.get(line.mandate) if line.mandate else None
    if mandated is not None:
        return Payer(mandated, None, possible | {mandated}, f"the mandate {line.mandate} is theirs")
    certain = _certain(line, set(by_account), full, part, book)
    if certain is not None:
        return Payer(certain, None, possible, f"account {line.iban} paid for them before, under a name that agrees ({line.payer})")
    if len(by_account) == 1:
        only = next(iter(by_account))
        return Payer(None, only, possible, f"account {line.iban} paid for them before, but the name {line.payer or '(none)'} is another")
    if len(full) == 1 and not by_account:
        return Payer(None, next(iter(full)), possible, f"the name {line.payer} is theirs; the account is not known")
    return Payer(None, None, possible, "nobody whose account or name tells")


def _levels(said: Iterable[Name], by_account: Iterable[int], book: Book) -> dict[int, int]:
    """How far the payer's names agree with those of debtors, and of those whose account it is."""
    levels: dict[int, int] = {}
    for name in said:
        for debtor, level in book.named_like(name).items():
            levels[debtor] = max(level, levels.get(debtor, NONE))
        for debtor in by_account:
            known = book.debtors.get(debtor)
            level = agreement(name, known.words, book.sharing) if known else NONE
            levels[debtor] = max(level, levels.get(debtor, NONE))
    return levels


def _certain(line: BankLine, by_account: set[int], full: set[int], part: set[int], book: Book) -> int | None:
    """The one debtor whose account it is and whose name agrees; nobody where the ultimate debtor's name is somebody else's."""
    named = by_account & full or by_account & (full | part)
    if len(named) != 1 or (len(by_account) > 1 and not by_account & full):
        return None
    (only,) = named
    if line.ultimate:
        known = book.debtors.get(only)
        if known is None or agreement(name_of(line.ultimate), known.words, book.sharing) == NONE:
            return None
    return only
