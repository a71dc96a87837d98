"""What is stated about a certificate by those who may say whether it was revoked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

SKEW = timedelta(minutes=5)
"""By so much two clocks may differ."""


class Stated(NamedTuple):
    """Whether a certificate was revoked, and until when that may be relied upon without asking again; `since` and `reason` where it was."""

    is_revoked: bool
    until: datetime
    since: datetime | None = None
    reason: str = ""


class Unanswered(Exception):
    """Nobody said anything about a certificate that counts; `reached` tells that somebody answered, and wrongly."""

    def __init__(self, message: str, *, reached: bool) -> None:
        super().__init__(message)
        self.reached = reached
