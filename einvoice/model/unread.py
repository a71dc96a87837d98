"""What a document holds and the model has no place for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unread:
    """A value that the document holds and the model has no place for: its XPath, its text, why, and its line (from 1)."""

    path: str
    value: str
    reason: str
    line: int | None = None
