"""Check digits and shapes of identifiers: each scheme's algorithm as a pure function of the text, which is trimmed already."""

from __future__ import annotations

import re
from functools import partial

from einvoice_validators.xpath import SPACE, Aborted

_digits = partial(re.fullmatch, r"[0-9]+")
_integer = partial(re.fullmatch, r"[+-]?[0-9]+")
_letters = partial(re.fullmatch, r"[A-Za-z]*")
_office = partial(re.fullmatch, r"[A-Za-z0-9]{6}")
_iban = partial(re.fullmatch, r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{0,30}")
_doubled = "0246813579"  # twice a digit, the digits of that added


def gln(number: str) -> bool:
    """Global Location Number (0088), of any length: modulo 10 with the weights 3 and 1 from the right, as GS1 defines it."""
    if not _digits(number):
        return False
    body = [int(digit) for digit in reversed(number[:-1])]
    return (10 - (3 * sum(body[::2]) + sum(body[1::2])) % 10) % 10 == int(number[-1])


def norwegian_organisation(number: str) -> bool:
    """Norwegian organisation number (0192): nine digits, modulo 11 with the weights 2 to 7 from the right."""
    if not _digits(number) or len(number) != 9 or not int(number):
        return False
    body = [int(digit) for digit in reversed(number[:-1])]
    return (11 - sum(digit * (place % 6 + 2) for place, digit in enumerate(body)) % 11) % 11 == int(number[-1])


def belgian_enterprise(number: str) -> bool:
    """Belgian enterprise number (0208): ten digits, of which the last two are 97 less the first eight modulo 97."""
    return bool(_digits(number)) and len(number) == 10 and int(number[8:]) == 97 - int(number[:8]) % 97


def australian_business(number: str) -> bool:
    """Australian Business Number (0151): eleven digits, the first less one, weighted 10, 1, 3, 5 … 19, modulo 89."""
    if not _digits(number) or len(number) != 11:
        return False
    first, *others = (int(digit) for digit in number)
    return ((first - 1) * 10 + sum(digit * weight for digit, weight in zip(others, range(1, 20, 2), strict=True))) % 89 == 0


def swedish_organisation(number: str) -> bool:
    """Swedish organisation number (0007): the tenth digit is the Luhn check digit of the nine before; what follows is not looked at.

    Digits of other scripts than ours abort, as in the official function.
    """
    if not number.isdecimal():
        return False
    body, check = number[:9], number[9:10]
    if not body.isascii():
        raise Aborted("an organisation number has digits of another script")
    total = sum(int(_doubled[int(digit)]) if place % 2 == 0 else int(digit) for place, digit in enumerate(reversed(body)))
    return check.isascii() and check != "" and (10 - total % 10) % 10 == int(check)


def greek_tax_number(number: str) -> bool:
    """Greek tax number (AFM): eight digits weighted with powers of two, modulo 11, modulo 10; what follows the ninth is not looked at."""
    if len(number) < 9 or not _digits(number[:9]):
        return False
    return sum(int(digit) << (8 - place) for place, digit in enumerate(number[:8])) % 11 % 10 == int(number[8])


def italian_office(code: str) -> bool:
    """Italian office code IPA (0201): six letters or digits."""
    return bool(_office(code))


def italian_tax_code(code: str) -> bool:
    """Italian tax code (0210, 9907): an integer of eleven characters, or sixteen in the shape of a person's; no check digit is tested."""
    if len(code) == 11:
        return _whole(code)
    if len(code) != 16 or not _letters(code[:6] + code[8:9] + code[15:]):
        return False
    return _whole(code[6:8]) and _whole(code[9:11]) and _whole(code[14:15])


def italian_vat_number(number: str) -> bool:
    """Italian VAT number (0211): after IT eleven digits whose last is the Luhn check digit; other countries' numbers pass.

    A sign or a space before the digits aborts, as in the official function.
    """
    if number[:2] not in ("IT", "it"):
        return True
    code = number[2:]
    if len(code) != 11 or not _whole(code):
        return False
    if not _digits(code):
        raise Aborted("a VAT number begins with a sign or a space where a digit is wanted")
    return sum(int(_doubled[int(digit)]) if place % 2 else int(digit) for place, digit in enumerate(code)) % 10 == 0


def iban(account: str) -> bool:
    """International bank account number (ISO 13616): modulo 97 is one; letters of the account count as they stand, capital or not."""
    if not _iban(account):
        return False
    return int("".join(str(ord(sign) - (55 if ord(sign) > 64 else 48)) for sign in account[4:] + account[:4])) % 97 == 1


def _whole(text: str) -> bool:
    """Whether it can be read as an integer."""
    return bool(_integer(text.strip(SPACE)))
