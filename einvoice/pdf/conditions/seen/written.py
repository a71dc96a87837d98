"""Whether hexadecimal strings are written as PDF/A wants them (ISO 32000-1, 7.3.4.3)."""

from __future__ import annotations

import re

_PASSED = rb"\([^()\\]*+(?:\\.[^()\\]*+)*+\)|<<|<(?:[\s\0]*+[0-9A-Fa-f][\s\0]*+[0-9A-Fa-f])*+[\s\0]*+>"
_BAD = re.compile(_PASSED + rb"|(<)", re.DOTALL)
"""A string that is written well, which is passed over, or where one begins that is not."""
_GOOD = re.compile(rb"(?:[^(<]++|" + _PASSED + rb")*+", re.DOTALL)
"""A text in which every string is written well, told in one step; one with parentheses within parentheses is looked at closely."""


def is_odd(data: bytes) -> bool:
    """Whether a hexadecimal string in a text is not plain pairs of digits, or may not be."""
    return _GOOD.fullmatch(data) is None and any(found[1] for found in _BAD.finditer(data))
