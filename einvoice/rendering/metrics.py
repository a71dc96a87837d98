"""How wide texts are in the fonts of a page: what Typst measures of each character, asked once.

With it tables are planned before Typst sees them. Measuring in the template would lay everything out twice, for every invoice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

COMMON = "".join(map(chr, range(0x20, 0x7F))) + "\u00a0\u2013\u2019\u2212\u202f€äéöüß"
"""What is measured at once; other characters are when they come."""
SOURCE = b"""
#set text(font: json(bytes(sys.inputs.fonts)), size: 1000pt, number-type: "lining", number-width: "tabular")
#let look(sign, weight) = { let made = measure(text(weight: weight, sign)); (made.width.pt(), made.height.pt()) }
#context [#metadata(json(bytes(sys.inputs.signs)).map(sign => (400, 600).map(weight => look(sign, weight)))) <made>]
"""

Query = Callable[[bytes, dict[str, str]], str]
"""Typst: a source and its inputs to what is labelled `made`, as JSON."""


class Metrics:
    """The widths of texts, in units of the size of their type: `font.width("12 pcs")`."""

    def __init__(self, families: Iterable[str], query: Query) -> None:
        self._fonts = json.dumps([*families])
        self._query = query
        self._plain = {"\u200b": 0.0, "\n": 0.0}
        self._bold = {"\u200b": 0.0, "\n": 0.0}
        self._other: set[str] = set()
        self.height = 0.0
        self._learn(COMMON)

    def width(self, text: str, *, bold: bool = False) -> float:
        """How wide a line of text is, rather too wide: what is moved together is not known."""
        known = self._bold if bold else self._plain
        try:
            return sum(map(known.__getitem__, text))
        except KeyError:
            self._learn("".join(sorted(set(text) - set(known))))
            return sum(map(known.__getitem__, text))

    def level(self, text: str) -> bool:
        """Whether a text whose width was asked for is one line, no higher than digits are."""
        return self._other.isdisjoint(text)

    def _learn(self, signs: str) -> None:
        made = json.loads(self._query(SOURCE, {"fonts": self._fonts, "signs": json.dumps([*signs])}))
        heights = max(made[0][0][1], made[0][1][1]) if not self.height else self.height * 1000
        self.height = heights / 1000
        for sign, ((plain, high), (bold, higher)) in zip(signs, made, strict=True):
            self._plain[sign], self._bold[sign] = plain / 1000, bold / 1000
            if max(high, higher) > heights:
                self._other.add(sign)
        self._other.add("\n")
