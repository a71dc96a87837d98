"""Check codes and tokens: derived from what they stand for with the creditor's secret, so that nobody guesses one.

A code is 12 letters and digits of Crockford's Base32 (60 bits) and a check sign (its value modulo 37), in groups of four: what a person
can read out. A token is 160 bits, for addresses.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"
_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def code(secret: str, key: str) -> str:
    """The check code of a message, such as 7T4K-9D2P-0MQX-C; `key` is its effect's."""
    number = int.from_bytes(_derived(secret, f"code:{key}")[:8], "big") >> 4
    signs = "".join(_SIGNS[number >> shift & 31] for shift in range(55, -1, -5))
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}-{_SIGNS[number % 37]}"


def tidy(written: str) -> str | None:
    """A code as it was read or heard, in its own spelling; None where it cannot be one: too short, or mistyped."""
    bare = "".join(written.split()).replace("-", "").upper()
    signs = bare[:-1].translate(_LIKE) + bare[-1:].translate(_LIKE)
    if len(signs) != 13 or any(sign not in _SIGNS[:32] for sign in signs[:-1]):
        return None
    number = 0
    for sign in signs[:-1]:
        number = number << 5 | _SIGNS.index(sign)
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:12]}-{signs[12]}" if _SIGNS[number % 37] == signs[12] else None


def token(secret: str, key: str) -> str:
    """A token that stands in an address: 32 small letters and digits."""
    return base64.b32encode(_derived(secret, f"token:{key}")[:20]).decode().lower()


def _derived(secret: str, what: str) -> bytes:
    return hmac.new(secret.encode(), what.encode(), hashlib.sha256).digest()
