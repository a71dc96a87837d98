"""Whether a file is whole, to the last byte: what a half one cannot be taken for."""

from __future__ import annotations

import re

_NAMES = re.compile(r"(?i)^[.~]|^#.*#$|~$|\.(part|partial|tmp|temp|filepart|crdownload|download|swp|swx|bak|lock|ready)$")
_BLANK = b" \t\r\n\x00"
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def is_temporary(name: str) -> bool:
    """Whether a name is that of a file which somebody still writes, or of a marker: nothing that is taken."""
    return _NAMES.search(name) is not None


def unfinished(data: bytes, end: bytes | None = None) -> str | None:
    """Why a file seems half written, None where it does not; `end` are its last bytes, where `data` is only its beginning.

    A PDF ends with %%EOF (ISO 32000-1, 7.5.5), XML with a tag or a comment, JSON with what closes it, a table with the end of a line.
    Half an XML or JSON file that happens to end so is found out when it is read.
    """
    last = (data if end is None else end)[-1024:]
    begin = _bare(data[:1024])
    if not begin:
        return "it is empty"
    if begin.startswith(b"%PDF-"):
        return None if last.rstrip(_BLANK).endswith(b"%%EOF") else "the PDF does not end with %%EOF"
    if begin[:1] in b"<{[":
        closing = {b"<": b">", b"{": b"}", b"[": b"]"}[begin[:1]]
        return None if last.rstrip(_BLANK).endswith(closing) else f"it does not end with {closing.decode()}"
    return None if last.replace(b"\x00", b"").endswith((b"\n", b"\r")) else "its last line has no end"


def _bare(begin: bytes) -> bytes:
    for mark in _MARKS:
        begin = begin.removeprefix(mark)
    return begin.lstrip(_BLANK)
