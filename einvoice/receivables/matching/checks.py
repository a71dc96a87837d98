"""Check digits of the references that payers repeat, each as its standard has it.

- OGM (Febelfin): twelve digits, the last two are the first ten modulo 97, 97 for 0.
- RF (ISO 11649): modulo 97 of the letters and digits.
- NL betalingskenmerk (Currence): sixteen digits, or nine to fourteen with their length second; the first is the check digit, weights
  2, 4, 8, 5, 10, 9, 7, 3, 6, 1 from the right, modulo 11.
- FI viitenumero (Finance Finland): four to twenty digits, weights 7, 3, 1 from the right.
- NO KID (Bits): two to twenty-five digits, modulo 10 (Luhn) or modulo 11.
- SE OCR (Bankgirot): two to twenty-five digits, Luhn.
- CH QRR (SIX, QR-bill): twenty-seven digits, modulo 10 recursive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from stdnum import iso11649, luhn
from stdnum.be import ogm_vcs
from stdnum.ch import esr

_NL = (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)
_FI = (7, 3, 1)
_KID = (2, 3, 4, 5, 6, 7)


def ogm(digits: str) -> bool:
    """Belgian structured communication."""
    return len(digits) == 12 and bool(ogm_vcs.is_valid(digits))


def rf(text: str) -> bool:
    """Creditor reference of ISO 11649."""
    return text.startswith("RF") and 5 <= len(text) <= 25 and bool(iso11649.is_valid(text))


def nl(digits: str) -> bool:
    """Dutch betalingskenmerk with a check digit."""
    if len(digits) == 16:
        body = digits[1:]
    elif 9 <= len(digits) <= 14 and int(digits[1]) == (len(digits) - 2) % 10:
        body = digits[2:]
    else:
        return False
    rest = 11 - sum(int(digit) * _NL[place % 10] for place, digit in enumerate(reversed(body))) % 11
    return int(digits[0]) == {10: 1, 11: 0}.get(rest, rest)


def fi(digits: str) -> bool:
    """Finnish viitenumero."""
    if not 4 <= len(digits) <= 20:
        return False
    total = sum(int(digit) * _FI[place % 3] for place, digit in enumerate(reversed(digits[:-1])))
    return int(digits[-1]) == -total % 10


def kid(digits: str) -> bool:
    """Norwegian KID, by either of its check digits."""
    if not 2 <= len(digits) <= 25:
        return False
    rest = 11 - sum(int(digit) * _KID[place % 6] for place, digit in enumerate(reversed(digits[:-1]))) % 11
    return ocr(digits) or (rest != 10 and int(digits[-1]) == rest % 11)


def ocr(digits: str) -> bool:
    """Swedish OCR number."""
    return 2 <= len(digits) <= 25 and bool(luhn.is_valid(digits))


def qrr(digits: str) -> bool:
    """Swiss QR reference; leading zeros may be missing."""
    return 16 <= len(digits) <= 27 and bool(esr.is_valid(digits))


DIGITS: Mapping[str, Callable[[str], bool]] = {"ogm": ogm, "nl": nl, "qrr": qrr, "fi": fi, "ocr": ocr, "kid": kid}
"""The schemes of digits alone, those with the stronger form first."""


@lru_cache(maxsize=200_000)
def schemes(reference: str) -> tuple[str, ...]:
    """The schemes whose check digits hold for a reference without spaces and signs; a short number may satisfy several by chance."""
    if reference.startswith("RF"):
        return ("rf",) if rf(reference) else ()
    if not (reference.isascii() and reference.isdigit() and 4 <= len(reference) <= 27):
        return ()
    return tuple(name for name, holds in DIGITS.items() if holds(reference))
