"""What a person wrote in a mail: its plain text, or the text of its HTML, down to where it quotes or signs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import Message
from html.parser import HTMLParser

_LONGEST = 20_000
_QUOTED = re.compile(
    r"""\s*( >
        | -{2,}\s*(original\s+message|oorspronkelijk\s+bericht|urspr.ngliche\s+nachricht|message\s+d.origine)
        | _{10,}\s*$
        | (from|van|von|de)\s?:\s.*@
        | (on|op|am|le)\s.{5,200}(wrote|schreef|schrieb|a\s.crit)\s?.{0,100}:\s*$
        | --\s?$ )""",
    re.IGNORECASE | re.VERBOSE,
)
_BREAKS = frozenset({"br", "p", "div", "tr", "li", "blockquote"})
_SILENT = frozenset({"script", "style", "head", "title"})


def written(parts: Iterable[Message]) -> str:
    """The text of a mail's first readable part, without what it quotes and its signature."""
    found = {part.get_content_type(): part for part in reversed(list(parts)) if part.get_content_disposition() != "attachment"}
    if "text/plain" in found:
        text = _decoded(found["text/plain"])
    else:
        text = _of_html(_decoded(found["text/html"])) if "text/html" in found else ""
    return own(text)


def own(text: str) -> str:
    """What stands before the first quote or signature."""
    kept = []
    for line in text[:_LONGEST].splitlines():
        if _QUOTED.match(line[:400]):
            break
        kept.append(line.rstrip())
    return "\n".join(kept).strip()


def _decoded(part: Message) -> str:
    held = part.get_payload(decode=True)
    data = held[: _LONGEST * 4] if isinstance(held, bytes) else b""
    try:
        return data.decode(str(part.get_content_charset() or "utf-8"), "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's signature
        if tag in _BREAKS:
            self.texts.append("\n> " if tag == "blockquote" else "\n")
        self._silent += tag in _SILENT

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def _of_html(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    return "".join(reader.texts)
