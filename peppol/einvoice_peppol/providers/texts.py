"""A document as text, for providers that take it within JSON."""

from __future__ import annotations

import re

_DECLARED = re.compile(r"<\?xml[^>]*\sencoding\s*=\s*[\"']([^\"']*)[\"']")


def text(data: bytes) -> str | None:
    """An XML document in UTF-8 as text, without a byte order mark; None where it is, or says that it is, in anything else."""
    try:
        found = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    declared = _DECLARED.match(found)
    return found if declared is None or declared[1].lower() in ("utf-8", "us-ascii") else None
