"""References and numbers in what payers write: structured fields, and free text that banks cut within words.

Text is taken as words of letters and digits; each run of neighbouring words, joined without what stands between, is a candidate. So a
number is found with other signs in it, cut in two at the end of a line, or glued to a word. What is no whole word is never a candidate:
a piece of a longer number is another number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from einvoice.receivables.matching.checks import ogm, schemes

_WORD = re.compile(r"[A-Z]+|[0-9]+")
_GAP = re.compile(r"[^A-Z0-9]*")
_SIGN = re.compile(r"[^A-Z0-9]+")
_OGM = re.compile(r"(?<!\d)(?:[+*]{3}\s*)?(\d{3})\s*/\s*(\d{4})\s*/\s*(\d{5})(?:\s*[+*]{3})?(?!\d)|[+*]{3}\s*([\d /]{12,20}?)\s*[+*]{3}")
_RF = re.compile(r"(?<![A-Z0-9])RF\s?(?=\d\d)")
_CUT, _WIDTHS = 135, frozenset({35, 53, 62, 65, 70, 105, 106})
"""Lengths at which banks and programs cut text: fields of 140 characters and more, and narrower ones of older formats."""
_SIGNS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_QRR, _ENOUGH = 27, 10
_LONGEST, _MOST_WORDS, _MOST_TEXT = 34, 9, 4_000


class Candidates(NamedTuple):
    """What a text may name: `words` joined runs with letters, `digits` joined runs of digits, `groups` runs without leading zeros."""

    words: frozenset[str]
    digits: frozenset[str]
    groups: frozenset[tuple[str, ...]]


class Written(NamedTuple):
    """References that a line has: `checked` hold under a scheme, `failing` have the form of one and do not."""

    checked: frozenset[str]
    failing: frozenset[str]


@lru_cache(maxsize=200_000)
def canonical(reference: str) -> str:
    """A reference without signs, spaces and zeros that mean nothing: `RF18 0005 3900` is `RF1853900`."""
    given = plain(reference)
    if given.startswith("RF") and given[2:4].isdigit():
        return given[:4] + given[4:].lstrip("0")
    return given.lstrip("0") if given.isdigit() else given


@lru_cache(maxsize=200_000)
def plain(reference: str) -> str:
    """A reference without signs and spaces."""
    return _SIGN.sub("", reference.upper())


def checked(references: Iterable[str]) -> frozenset[str]:
    """Of a creditor's own references those that have check digits.

    OGM, RF and QRR tell by themselves. A number of digits satisfies one of the other schemes by chance, so that they count only where all
    of the creditor's references of a length do, ten at least.
    """
    found: set[str] = set()
    weak: dict[int, list[str]] = {}
    for reference in references:
        given = plain(reference)
        names = schemes(given)
        if "rf" in names or "ogm" in names or ("qrr" in names and len(given) == _QRR):
            found.add(reference)
        elif given.isdigit():
            weak.setdefault(len(given), []).append(reference)
    for same in weak.values():
        shared = frozenset.intersection(*(frozenset(schemes(plain(each))) for each in same))
        if shared and len(set(same)) >= _ENOUGH:
            found.update(same)
    return frozenset(found)


def candidates(text: str) -> Candidates:
    """Everything that a text may name."""
    parts = _parts(text)
    words: set[str] = set()
    digits: set[str] = set()
    groups: set[tuple[str, ...]] = set()
    for start in range(len(parts)):
        joined, run, pure = "", [], True
        for word in parts[start : start + _MOST_WORDS]:
            joined += word
            if len(joined) > _LONGEST:
                break
            pure = pure and word.isdigit()
            if pure:
                run.append(word)
                digits.add(joined)
                if not any(each.startswith("0") for each in run):
                    groups.add(tuple(run))
            else:
                words.add(joined)
    return Candidates(frozenset(words), frozenset(digits), frozenset(groups))


def whole(text: str) -> str:
    """A text without its last word, where it is as long as a field may be: what stands there may be the beginning of a number."""
    if len(text) < _CUT and len(text) not in _WIDTHS:
        return text
    return text.rstrip("".join(sorted(set(text[-_LONGEST:]) & _SIGNS)))


def _parts(text: str) -> list[str]:
    """The words of letters and of digits, in order."""
    return _WORD.findall(text[:_MOST_TEXT].upper())


def written(structured: Iterable[str], text: str) -> Written:
    """The structured references of a line: those of its fields, and those that have the form of one in the text."""
    holding: set[str] = set()
    failing: set[str] = set()
    for reference in structured:
        given = plain(reference)
        if given:
            (holding if schemes(given) else failing).add(canonical(given))
    upper = text[:_MOST_TEXT].upper()
    for found in _OGM.finditer(upper):
        digits = "".join(sign for sign in found[0] if sign.isdigit())
        if len(digits) == 12:
            (holding if ogm(digits) else failing).add(canonical(digits))
    for found in _RF.finditer(upper):
        valid = _creditor_reference(upper[found.start() :])
        if valid:
            holding.add(canonical(valid))
        else:
            failing.add(canonical("".join(_WORD.findall(upper[found.start() :])[:3])[:25]))
    return Written(frozenset(holding), frozenset(failing))


def _creditor_reference(text: str) -> str:
    """The longest run of words from the start that holds as ISO 11649, "" where none does."""
    joined, best = "", ""
    for word in re.findall(r"[A-Z0-9]+", text[:80]):
        joined += word
        if len(joined) > 25:
            break
        if len(joined) >= 6 and schemes(joined):
            best = joined
    return best


@lru_cache(maxsize=300_000)
def number_keys(number: str) -> tuple[str, str, tuple[str, ...]]:
    """An invoice's number as it is looked up: all of it without signs, its digits, its groups of digits without leading zeros."""
    parts = _parts(number)
    groups = [part for part in parts if part.isdigit()]
    return "".join(parts), "".join(groups), tuple(group.lstrip("0") or "0" for group in groups)


def neighbours(digits: str) -> Iterable[str]:
    """Every number that a slip makes of one: a digit changed, left out, added, or two that changed places."""
    for place in range(len(digits)):
        before, this, after = digits[:place], digits[place], digits[place + 1 :]
        yield before + after
        for other in "0123456789":
            if other != this:
                yield before + other + after
            yield before + other + this + after
        if after and after[0] != this:
            yield before + after[0] + this + after[1:]
    for other in "0123456789":
        yield digits + other
