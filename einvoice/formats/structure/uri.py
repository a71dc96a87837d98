"""The simple type anyURI: a URI or relative reference of RFC 3986, where characters that ought to be escaped pass."""

from __future__ import annotations

import re

from einvoice.formats.structure.patterns import pattern

ODD = re.compile(r'[^!-~]|[<>"{}|\\^`]')  # spaces, letters beyond ASCII and the like: as good as escaped


def characters(more: str) -> str:
    """A pattern for one character: unreserved, sub-delimiter, escaped, or one of `more`."""
    return rf"(?:[A-Za-z0-9\-._~!$&'()*+,;={more}]|%[0-9A-Fa-f]{{2}})"


SEGMENT = characters(":@")
AUTHORITY = rf"(?:{characters(':')}*@)?(?:\[[^\]]*\]|{characters('')}*)(?::0*[0-9]{{1,8}})?"
ROOTED = rf"//{AUTHORITY}(?:/{SEGMENT}*)*|/(?:{SEGMENT}+(?:/{SEGMENT}*)*)?"
ABSOLUTE = rf"[A-Za-z][A-Za-z0-9+.\-]*:(?:{ROOTED}|{SEGMENT}+(?:/{SEGMENT}*)*|)"
RELATIVE = rf"{ROOTED}|{characters('@')}+(?:/{SEGMENT}*)*|"
FRAGMENT = characters(r":@/?\[\]")
URI = pattern(rf"(?:{ABSOLUTE}|{RELATIVE})(?:\?(?:{SEGMENT}|[/?])*)?(?:\#{FRAGMENT}*)?")


def is_uri(text: str) -> bool:
    """Whether a text, its white space collapsed, is a URI or a relative reference."""
    return URI(ODD.sub("_", text)) is not None
