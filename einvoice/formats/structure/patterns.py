"""Regular expressions that cost nothing until they are used: most checks of most documents never are."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache


def pattern(text: str) -> Callable[[str], re.Match[str] | None]:
    """Matches a whole text with a regular expression, which is compiled when the first text comes."""
    compiled = cache(lambda: re.compile(text, re.DOTALL).fullmatch)

    def match(value: str) -> re.Match[str] | None:
        return compiled()(value)

    return match
