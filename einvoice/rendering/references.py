"""Payment references and accounts with check digits: recognised, checked, and written in their groups.

A reference whose check digit is wrong is a text like any other and stays as it is stated.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_FRAMED = re.compile(r"(\+\+\+|\*\*\*) ?([0-9]{3})/?([0-9]{4})/?([0-9]{5}) ?\1")
_BARE = re.compile(r"([0-9]{3})/?([0-9]{4})/?([0-9]{5})")
_CREDITOR = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}")
_DUTCH_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)
_DUTCH_LENGTHS = {9: "7", 10: "8", 11: "9", 12: "0", 13: "1", 14: "2"}
_SWISS_CARRY = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)


class Reference(NamedTuple):
    """A structured reference: which kind, its characters without any spaces or signs, and as people write it."""

    kind: str
    compact: str
    written: str


def structured(text: str, country: str | None = None) -> Reference | None:
    """What a text is, where it is a structured reference with the right check digits, else None.

    `country` is that of the account paid to: digits without a frame are Belgian, Dutch or Swiss only there.
    """
    bare = text.replace(" ", "")
    if (found := _FRAMED.fullmatch(text.strip())) and is_belgian("".join(found.groups()[1:])):
        return _belgian("".join(found.groups()[1:]))
    if _CREDITOR.fullmatch(bare.upper()) and is_creditor_reference(bare.upper()):
        return Reference("RF", bare.upper(), grouped(bare))
    if country == "BE" and _BARE.fullmatch(bare) and is_belgian(bare.replace("/", "")):
        return _belgian(bare.replace("/", ""))
    if country == "NL" and is_dutch(bare):
        return Reference("NL", bare, grouped(bare))
    if country in {"CH", "LI"} and is_swiss(bare):
        return Reference("QRR", bare, f"{bare[:2]} {grouped(bare[2:], 5)}")
    return None


def grouped(text: str, size: int = 4) -> str:
    """Characters in groups, as ISO 11649 and ISO 13616-1 have references and accounts written on paper."""
    bare = text.replace(" ", "").upper()
    return " ".join(bare[at : at + size] for at in range(0, len(bare), size))


def is_belgian(digits: str) -> bool:
    """The structured communication of Febelfin (OGM-VCS): ten digits and their rest by 97, 97 for none, in two digits."""
    return len(digits) == 12 and digits.isascii() and digits.isdigit() and (int(digits[:10]) % 97 or 97) == int(digits[10:])


def is_creditor_reference(text: str) -> bool:
    """The creditor reference of ISO 11649: RF, two check digits by ISO 7064 MOD 97-10, at most 21 characters."""
    return _CREDITOR.fullmatch(text) is not None and _rest_by_97(text) == 1


def is_iban(text: str) -> bool:
    """An IBAN of ISO 13616-1 by its form and its check digits (ISO 7064 MOD 97-10); the length of each country is not looked at."""
    bare = text.replace(" ", "").upper()
    return _IBAN.fullmatch(bare) is not None and _rest_by_97(bare) == 1


def is_dutch(digits: str) -> bool:
    """The betalingskenmerk of Betaalvereniging Nederland: a check digit by weights and 11, before 15 digits or a length code and 7 to 12.

    The seven digits that have no check digit are not told apart from any other number.
    """
    if not (digits.isascii() and digits.isdigit()) or not (len(digits) == 16 or _DUTCH_LENGTHS.get(len(digits)) == digits[1:2]):
        return False
    total = sum(int(digit) * _DUTCH_WEIGHTS[at % 10] for at, digit in enumerate(reversed(digits[1:])))
    check = 11 - total % 11
    return {10: 1, 11: 0}.get(check, check) == int(digits[0])


def is_swiss(digits: str) -> bool:
    """The QR reference (SIX, Swiss Implementation Guidelines QR-bill): 26 digits and a check digit by modulo 10, recursive."""
    if len(digits) != 27 or not (digits.isascii() and digits.isdigit()) or not digits.strip("0"):
        return False
    carry = 0
    for digit in digits[:26]:
        carry = _SWISS_CARRY[(carry + int(digit)) % 10]
    return (10 - carry) % 10 == int(digits[26])


def _belgian(digits: str) -> Reference:
    return Reference("OGM", digits, f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++")


def _rest_by_97(text: str) -> int:
    """The rest by 97 of the text with its first four characters at the end and each letter as two digits, A as 10."""
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97
