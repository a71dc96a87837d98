"""Check digits of the identifiers in answers, as the common rules of Peppol's post-award documents test them (release 2026.5)."""

from __future__ import annotations

import re
from collections.abc import Callable

FATAL = frozenset({f"PEPPOL-COMMON-R0{number}" for number in (40, 41, 42, 43, 49, 50, 52, 53)})
"""The rules that make a document invalid; the others warn."""


def broken(scheme: str, raw: str) -> str | None:
    """The rule that an identifier of a scheme breaks, None where it breaks none; `raw` is its text as it stands."""
    rule, holds = _RULES.get(scheme, (None, None))
    if rule is None or holds is None:
        return None
    return None if holds(raw if scheme in _EXACT else " ".join(raw.split())) else f"PEPPOL-COMMON-{rule}"


def _gln(text: str) -> bool:
    if not re.fullmatch("[0-9]+", text):
        return False
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(text[:-1])))
    return (10 - weighted % 10) % 10 == int(text[-1])


def _norwegian(text: str) -> bool:
    if not re.fullmatch("[0-9]{9}", text) or not int(text):
        return False
    weighted = sum(int(digit) * (place % 6 + 2) for place, digit in enumerate(reversed(text[:-1])))
    return (11 - weighted % 11) % 11 == int(text[-1])


def _belgian(text: str) -> bool:
    return bool(re.fullmatch("[0-9]{10}", text)) and 97 - int(text[:8]) % 97 == int(text[8:])


def _swedish(text: str) -> bool:
    if not re.fullmatch("[0-9]{10}", text):
        return False
    doubled = (divmod(int(digit) * 2, 10) if place % 2 == 0 else (0, int(digit)) for place, digit in enumerate(reversed(text[:9])))
    return (10 - sum(map(sum, doubled)) % 10) % 10 == int(text[9])


def _australian(text: str) -> bool:
    if not re.fullmatch("[0-9]{11}", text):
        return False
    return (10 * (int(text[0]) - 1) + sum(int(digit) * (2 * place + 1) for place, digit in enumerate(text[1:]))) % 89 == 0


def _shaped(pattern: str) -> Callable[[str], bool]:
    return lambda text: bool(re.fullmatch(pattern, text))


_RULES: dict[str, tuple[str, Callable[[str], bool]]] = {
    "0088": ("R040", _gln),
    "0192": ("R041", _norwegian),
    "0184": ("R042", _shaped("(DK)?[0-9]{8}")),
    "0096": ("R052", _shaped("[0-9]{10}")),
    "0198": ("R053", _shaped("DK[0-9]{8}")),
    "0208": ("R043", _belgian),
    "0007": ("R049", _swedish),
    "0151": ("R050", _australian),
    "0106": ("R054", _shaped("[0-9]{8}")),
    "0190": ("R055", _shaped("[0-9]{20}")),
    "9944": ("R056-1", _shaped("NL[0-9]{9}B[0-9]{2}")),
    "0217": ("R057", _shaped("[0-9]{12}")),
}
_EXACT = frozenset({"0184", "0096", "0198"})
