"""Files that people read without a program, and their twins for programs: plain text and JSON, the same input the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from einvoice.receivables.handover.brief import File

TEXT, JSON = "text/plain; charset=utf-8", "application/json"


def named(text: str, taken: Iterable[str] = ()) -> str:
    """A text as part of a file's name: letters, digits, dots and dashes, at most 60, unlike those that are taken."""
    bare = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-.") else "_" for sign in text).strip("._")[:60] or "_"
    others = set(taken)
    return next(one for one in (bare, *(f"{bare}-{number}" for number in range(2, 10_000))) if one not in others)


def text_file(path: str, lines: Sequence[str], chapter: str) -> File:
    """A file of lines."""
    return File(path, ("\n".join(lines).rstrip() + "\n").encode(), TEXT, chapter)


def json_file(path: str, value: Any, chapter: str) -> File:
    """A file for programs: amounts and days as text, keys in order."""
    return File(path, as_json(value), JSON, chapter)


def as_json(value: Any) -> bytes:
    """A value as JSON in UTF-8."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=_plain) + "\n").encode()


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a dossier")


def headed(title: str, lines: Iterable[str]) -> list[str]:
    """A title, underlined, and what stands below it."""
    return [title, "=" * len(title), "", *lines]
