"""Dates as PDF and as XMP write them (ISO 32000-1, 7.9.4; ISO 16684-1, 8.2.1.1): here as the texts of ISO 8601, with a time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_PDF = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-])(\d\d)'?(\d\d)?'?)?(?:00'?00'?)?")
_ISO = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?(?:(Z)|([+-])(\d\d):?(\d\d)?)?)?")


def read(text: str) -> str | None:
    """The date, to the second, in either notation; None where it is none. Without a time zone it is taken for UTC."""
    found = _PDF.fullmatch(text.strip()) or _ISO.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, _, sign, hours, minutes = found.groups()
    zone = f"{sign}{hours}:{minutes or '00'}" if sign else "Z"
    made = f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}{zone}"
    try:
        moment(made)
    except (ValueError, OverflowError):
        return None
    return made


def moment(iso: str) -> datetime:
    """When it was, to compare."""
    return datetime.fromisoformat(iso).astimezone(UTC)


def pdf(iso: str) -> str:
    """The same as PDF writes it: D:20261121103000+01'00'."""
    zone = "Z" if iso.endswith("Z") else iso[-6:].replace(":", "'") + "'"
    return "D:" + re.sub(r"[-:T]", "", iso[:19]) + zone
