"""What the pages paint with: every part that a content stream uses, once, with a place where it is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from einvoice.pdf.conditions.seen.colours import Space
from einvoice.pdf.conditions.seen.values import Object, identity, name


class Part(NamedTuple):
    """A dictionary or a stream, and where it is used."""

    dictionary: Object
    place: str


class Coloured(NamedTuple):
    """A colour space in use; `mixes` says that inks are overprinted with OPM 1."""

    space: Space
    place: str
    mixes: bool = False


class Image(NamedTuple):
    """An image; `role` is "image", "mask", "soft mask" or "alternate"."""

    dictionary: Object
    place: str
    role: str = "image"


class Inline(NamedTuple):
    """An image within a content stream: what its dictionary says, keys and names written out."""

    entries: dict[str, object]
    place: str


class Content(NamedTuple):
    """A content stream: its text, the operators nobody defined, the deepest nesting of q, the names it
    finds elsewhere, the hexadecimal strings that are no plain pairs of digits, and how long the longest operands are.
    """

    text: bytes
    place: str
    undefined: tuple[str, ...]
    nesting: int
    inherited: tuple[str, ...]
    hexadecimal: bytes = b""
    longest: int = 0


class Named(NamedTuple):
    """A name that stands somewhere, such as a rendering intent."""

    name: str
    place: str


@dataclass(slots=True)
class Font:
    """A font that is set: whether it is used, and visibly; whether it is one of drawings.

    `shown` and `hidden` are the operands that show text with it visibly and invisibly, as they stand.
    """

    dictionary: Object
    place: str
    drawn: bool
    used: bool = False
    visible: bool = False
    shown: list[bytes] = field(default_factory=list)
    hidden: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class Painted:
    """All of it; `associated` are the file specifications that marked content names."""

    fonts: dict[object, Font] = field(default_factory=dict)
    colours: dict[object, Coloured] = field(default_factory=dict)
    states: dict[object, Part] = field(default_factory=dict)
    images: dict[object, Image] = field(default_factory=dict)
    inline: list[Inline] = field(default_factory=list)
    forms: dict[object, Part] = field(default_factory=dict)
    scripts: dict[object, Part] = field(default_factory=dict)
    intents: list[Named] = field(default_factory=list)
    contents: list[Content] = field(default_factory=list)
    associated: list[Object] = field(default_factory=list)

    def font(self, dictionary: Object, place: str) -> Font:
        """The font."""
        key = identity(dictionary)
        found = self.fonts.get(key)
        if found is None:
            found = self.fonts[key] = Font(dictionary, place, name(dictionary.get("/Subtype")) == "Type3")
        return found

    def colour(self, space: Space | None, place: str, *, mixes: bool = False) -> None:
        """The space and all within it, as in use."""
        if space is None or (space.key, mixes) in self.colours:
            return
        for each in space.all():
            self.colours.setdefault((each.key, mixes), Coloured(each, place, mixes))
