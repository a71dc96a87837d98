"""IBANs, where they can be told from other words: by their check digits (ISO 13616)."""

from __future__ import annotations

import re
from functools import lru_cache

_SHAPE = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


@lru_cache(maxsize=100_000)
def is_iban(text: str) -> bool:
    """Whether a text without spaces is an IBAN whose check digits hold."""
    return bool(_SHAPE.fullmatch(text)) and int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def iban_in(text: str) -> str:
    """A text as an IBAN, "" where it is none."""
    plain = text.replace(" ", "").upper()
    return plain if is_iban(plain) else ""
