"""Where a content stream finds what it names: its own resources, else those of the page (ISO 32000-1, 7.8.3)."""

from __future__ import annotations

from typing import Any

from einvoice.pdf.conditions.seen.values import Object, at, dictionary

_DEFAULTS = {"/DeviceGray": "/DefaultGray", "/DeviceRGB": "/DefaultRGB", "/DeviceCMYK": "/DefaultCMYK"}


class Resources:
    """The resources of a page, or those of a stream on it; `inherited` are the names that it did not find in its own,
    `spaces` and `fonts` what was read already.

    `from_above` says that a page has them from the tree of pages.
    """

    def __init__(self, own: Object, page: Object | None = None, *, from_above: bool = False) -> None:
        self.own, self.page, self.from_above = dictionary(own), dictionary(page), from_above
        self.root = self.own if page is None else self.page
        self.inherited: set[str] = set()
        self.spaces: dict[str, Any] = {}
        self.fonts: dict[str, Any] = {}
        self._found: dict[tuple[str, str], Object | None] = {}

    def within(self, stream: Object) -> Resources:
        """Those of a stream that is painted here."""
        return Resources(stream.get("/Resources"), self.root)

    def find(self, category: str, name: str) -> Object | None:
        """What the name means, None where it means nothing."""
        key = category, name
        if key not in self._found:
            self._found[key] = self._find(category, name)
        return self._found[key]

    def _find(self, category: str, name: str) -> Object | None:
        found = at(self.own, category, name)
        if found is None:
            found = at(self.page, category, name)
            if found is None:
                return None
            self.inherited.add(name)
        elif self.from_above:
            self.inherited.add(name)
        return found

    def default(self, device: str) -> Object | None:
        """The colour space that stands for a device's in this stream."""
        return at(self.own, "/ColorSpace", _DEFAULTS[device]) if device in _DEFAULTS else None
