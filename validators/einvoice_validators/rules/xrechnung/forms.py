"""The forms of texts that XRechnung asks for: cash discount, IBAN, telephone, e-mail, web address.

Patterns mean what they mean in XPath: white space is that of XML alone, `.` stops at a line's end, `matches` searches.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from einvoice_validators.xpath import Aborted, normal

_lines = partial(re.split, r"\r?\n")
_around_entries = partial(re.split, r"#[^\n\r]+#")
_discount = partial(re.fullmatch, r"#SKONTO#TAGE=[0-9]+#PROZENT=[0-9]+\.[0-9]{2}(#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#")
_new_line_first = partial(re.match, r"[ \t\r\n]*\n")
_iban = partial(re.fullmatch, r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{0,30}")
_email = partial(re.fullmatch, r"[^@ \t\r\n]+@([^@. \t\r\n]+\.)+[^@. \t\r\n]+")
_url = partial(re.match, r"[a-zA-Z][a-zA-Z0-9+.-]+:")
_without_spaces = partial(re.sub, r"[ \t\r\n]", "")
_digits = partial(re.findall, r"[0-9]")


def discounts_are_well_formed(notes: Sequence[str]) -> bool:
    """Whether each line that begins with # is a cash discount, and a new line follows the last; `notes` are the terms' first notes.

    Aborts where several of them come into question.
    """
    for note in notes:
        for line in _lines(note):
            entry = normal(line)
            if entry.startswith("#") and not (_discount(entry) and _ends_in_new_line(notes)):
                return False
    return True


def _ends_in_new_line(notes: Sequence[str]) -> bool:
    """Whether what follows the last entry begins with a new line."""
    ends = [_around_entries(note)[-1] for note in notes if note]
    if len(ends) > 1:
        raise Aborted("several payment terms, where cash discount is looked for in one")
    return bool(ends and _new_line_first(ends[0]))


def is_iban(value: Any) -> bool:
    """Whether it has the form of an IBAN and its check digits are right; spaces do not count. Small letters are no capitals here."""
    text = _without_spaces(normal(value))
    if not _iban(text):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(ord(sign) - 55) if sign > "@" else sign for sign in turned)) % 97 == 1


def is_telephone(value: Any) -> bool:
    """Whether it has three digits at least."""
    return len(_digits(normal(value))) >= 3


def is_email(value: Any) -> bool:
    """Whether it has one @ with something before it, and a name with a dot behind it."""
    return _email(normal(value)) is not None


def is_absolute_url(value: Any) -> bool:
    """Whether it begins with a scheme, such as https:."""
    return isinstance(value, str) and _url(value) is not None
