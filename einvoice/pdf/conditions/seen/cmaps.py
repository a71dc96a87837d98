"""How the strings shown with a composite font become codes, and codes character identifiers (ISO 32000-1, 9.7.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from struct import unpack

from einvoice.pdf.conditions.seen import tokens
from einvoice.pdf.conditions.seen.streams import Streams
from einvoice.pdf.conditions.seen.tokens import HEX, NAME, NUMBERS, OPERATOR, Token
from einvoice.pdf.conditions.seen.values import Object, array, at, dictionary, integer, name, stream, string

IDENTITY = frozenset({"Identity-H", "Identity-V"})
_COLLECTIONS: dict[tuple[str, int], str] = {
    ("GB1", 0): "GB-EUC-H GB-EUC-V GBpc-EUC-H GBpc-EUC-V",
    ("GB1", 2): "GBK-EUC-H GBK-EUC-V",
    ("GB1", 4): "GBKp-EUC-H GBKp-EUC-V GBK2K-H GBK2K-V UniGB-UCS2-H UniGB-UCS2-V UniGB-UTF16-H UniGB-UTF16-V",
    ("CNS1", 0): "B5pc-H B5pc-V ETen-B5-H ETen-B5-V ETenms-B5-H ETenms-B5-V CNS-EUC-H CNS-EUC-V",
    ("CNS1", 3): "HKscs-B5-H HKscs-B5-V UniCNS-UCS2-H UniCNS-UCS2-V UniCNS-UTF16-H UniCNS-UTF16-V",
    ("Japan1", 1): "83pv-RKSJ-H 90pv-RKSJ-H Add-RKSJ-H Add-RKSJ-V EUC-H EUC-V H V",
    ("Japan1", 2): "90ms-RKSJ-H 90ms-RKSJ-V 90msp-RKSJ-H 90msp-RKSJ-V Ext-RKSJ-H Ext-RKSJ-V",
    ("Japan1", 4): "UniJIS-UCS2-H UniJIS-UCS2-V UniJIS-UCS2-HW-H UniJIS-UCS2-HW-V",
    ("Japan1", 5): "UniJIS-UTF16-H UniJIS-UTF16-V",
    ("Korea1", 0): "KSC-EUC-H KSC-EUC-V KSCpc-EUC-H",
    ("Korea1", 1): "KSCms-UHC-H KSCms-UHC-V KSCms-UHC-HW-H KSCms-UHC-HW-V UniKS-UCS2-H UniKS-UCS2-V",
    ("Korea1", 2): "UniKS-UTF16-H UniKS-UTF16-V",
}
"""The predefined CMaps by collection and supplement (ISO 32000-1, tables 118 and 119)."""
PREDEFINED = IDENTITY | {each for named in _COLLECTIONS.values() for each in named.split()}
_MOST = 200_000
_DEEPEST = 8


class System(tuple[bytes | None, bytes | None, int | None]):
    """Registry, ordering and supplement."""

    __slots__ = ()

    def serves(self, font: System) -> bool:
        """Whether a CMap of this system can be used with a font of that one."""
        registry, ordering, supplement = self
        return (
            font[0] is not None
            and font[1] is not None
            and (font[0], font[1]) == (registry, ordering)
            and supplement is not None
            and font[2] is not None
            and font[2] <= supplement
        )


def system(stated: Object) -> System:
    """The system in a dictionary; a supplement that is absent is 0."""
    found = dictionary(stated)
    if found is None and len(array(stated)):
        found = dictionary(stated[0])
    if found is None:
        return System((None, None, None))
    return System((string(found.get("/Registry")), string(found.get("/Ordering")), integer(found.get("/Supplement")) or 0))


class CMap:
    """A CMap: a predefined one by its name, or one that is embedded."""

    def __init__(self, stated: Object, streams: Streams) -> None:
        self.stated, self.streams = stated, streams
        self.embedded = stream(stated)
        self.name = name(stated) or name(at(self.embedded, "/CMapName"))

    @property
    def is_identity(self) -> bool:
        """Whether codes are identifiers themselves, two bytes each."""
        return self.embedded is None and self.name in IDENTITY

    @property
    def system(self) -> System:
        """The collection of characters that it leads to."""
        if self.embedded is not None:
            return system(self.embedded.get("/CIDSystemInfo"))
        if self.is_identity:
            return System((b"Adobe", b"Identity", 0))
        for (ordering, supplement), named in _COLLECTIONS.items():
            if self.name in named.split():
                return System((b"Adobe", ordering.encode(), supplement))
        return System((None, None, 0))

    @property
    def used(self) -> CMap | None:
        """The CMap that it builds on."""
        stated = at(self.embedded, "/UseCMap")
        return None if stated is None else CMap(stated, self.streams)

    @property
    def is_known(self) -> bool:
        """Whether its codes can be followed here."""
        return self.is_identity or (self.embedded is not None and (self.used is None or self.used.is_identity))

    @cached_property
    def _read(self) -> _Reader:
        return _Reader(self.streams.read(self.embedded) or b"" if self.embedded is not None else b"")

    @property
    def writing_modes(self) -> tuple[int, int]:
        """The writing mode in the file, and that in its dictionary."""
        return self._read.mode, integer(at(self.embedded, "/WMode")) or 0

    @property
    def largest(self) -> int:
        """The largest identifier."""
        return self._read.largest

    def codes(self, shown: Iterable[bytes]) -> Iterator[tuple[int, int | None]]:
        """Each code in strings with its identifier, None where the CMap has none."""
        if self.is_identity:
            whole = b"".join(each[:-1] if len(each) % 2 else each for each in shown)
            halves = {(each[-1] << 8) - 1 for each in shown if len(each) % 2}  # half a code has no glyph
            yield from ((code, code or None) for code in {*unpack(f">{len(whole) // 2}H", whole), *halves})
            return
        for each in dict.fromkeys(shown):
            yield from self._codes(each)

    def _codes(self, shown: bytes) -> Iterator[tuple[int, int | None]]:
        position = 0
        while position < len(shown):
            size = self._read.size(shown, position)
            code = int.from_bytes(shown[position : position + size])
            yield code, self._identifier(code)
            position += size

    def _identifier(self, code: int) -> int | None:
        found = self._read.identifiers.get(code)
        if found is None and self.used is not None and self.used.is_identity:
            return code or None
        return found


class _Reader:
    """Reads an embedded CMap."""

    def __init__(self, data: bytes) -> None:
        self.identifiers: dict[int, int] = {}
        self.spaces: list[tuple[bytes, bytes]] = []
        self.largest = self.mode = 0
        waiting: list[Token] = []
        for token in tokens.tokens(data):
            if token.kind != OPERATOR:
                waiting.append(token)
                continue
            self._operate(token.text, waiting)
            if token.text.startswith((b"begin", b"end", b"def")):
                waiting.clear()

    def _operate(self, operator: bytes, waiting: list[Token]) -> None:
        if operator == b"def" and len(waiting) > 1 and waiting[-2].kind == NAME and waiting[-2].text == b"/WMode":
            numbers = tokens.numbers(waiting[-1])
            self.mode = int(numbers[0]) if numbers else 0
        elif operator == b"endcodespacerange":
            codes = [tokens.string(each) for each in waiting if each.kind == HEX]
            self.spaces += zip(codes[::2], codes[1::2], strict=False)
        elif operator == b"endcidrange":
            for first, last, start in zip(waiting[::3], waiting[1::3], waiting[2::3], strict=False):
                self._range(first, last, start)
        elif operator == b"endcidchar":
            for code, start in zip(waiting[::2], waiting[1::2], strict=False):
                self._range(code, code, start)

    def _range(self, first: Token, last: Token, start: Token) -> None:
        numbers = tokens.numbers(start) if start.kind == NUMBERS else []
        if first.kind != HEX or last.kind != HEX or not numbers:
            return
        begin, end, identifier = int.from_bytes(tokens.string(first)), int.from_bytes(tokens.string(last)), int(numbers[0])
        self.largest = max(self.largest, identifier + end - begin)
        for code in range(begin, min(end, begin + 65_535) + 1):
            if len(self.identifiers) < _MOST:
                self.identifiers.setdefault(code, identifier + code - begin)

    def size(self, shown: bytes, position: int) -> int:
        """How many bytes the code that begins there has."""
        for first, last in self.spaces:
            code = shown[position : position + len(first)]
            if len(code) == len(first) and all(low <= byte <= high for low, byte, high in zip(first, code, last, strict=False)):
                return len(first)
        return min((len(first) for first, _ in self.spaces), default=1) or 1
