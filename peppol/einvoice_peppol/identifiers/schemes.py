"""How the value of a participant scheme looks, and which national check digits it has: `schemes.json`, written by hand.

Each scheme there has `shape` (a regular expression for the value in capitals; the group `number`, else the whole, has the check
digits), `check` (the module of python-stdnum that knows the algorithm, or one for each length), `words` and `source`. A scheme whose
algorithm is not published beyond doubt has a shape alone, one that has neither is checked for its characters and length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from stdnum.exceptions import ValidationError


class Scheme(NamedTuple):
    """What is known of the values of a scheme: their shape in words, and modules of python-stdnum by length (0 for any)."""

    shape: re.Pattern[str]
    words: str
    checks: Mapping[int, str]

    def fault(self, value: str) -> str | None:
        """What is wrong with a value, None where nothing is."""
        found = self.shape.fullmatch(value.upper())
        if found is None:
            return f"it has {self.words}"
        number = found.groupdict().get("number") or found[0]
        check = self.checks.get(len(number)) or self.checks.get(0)
        if check is None or _holds(check, number):
            return None
        return f"its check digits are wrong (it has {self.words})"


@cache
def schemes() -> Mapping[str, Scheme]:
    """What is known, by the code of the scheme."""
    read = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    return {code: _scheme(row) for code, row in read["schemes"].items()}


def _scheme(row: dict[str, object]) -> Scheme:
    check = row.get("check")
    checks = {int(length): str(name) for length, name in check.items()} if isinstance(check, dict) else {0: str(check)} if check else {}
    return Scheme(re.compile(str(row["shape"]), re.ASCII), str(row["words"]), checks)


def _holds(name: str, number: str) -> bool:
    try:
        import_module(f"stdnum.{name}").validate(number)
    except ValidationError:
        return False
    return True
