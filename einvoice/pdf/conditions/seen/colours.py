"""Colour spaces (ISO 32000-1, 8.6) and the spaces within them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pikepdf

from einvoice.pdf.conditions.seen.resources import Resources
from einvoice.pdf.conditions.seen.values import Object, array, at, dictionary, identity, integer, name, stream

DEVICES = frozenset({"DeviceGray", "DeviceRGB", "DeviceCMYK"})
_SHORT = {"G": "DeviceGray", "RGB": "DeviceRGB", "CMYK": "DeviceCMYK", "I": "Indexed"}
_KINDS = frozenset({"CalGray", "CalRGB", "Lab", "ICCBased", "Separation", "DeviceN", "Indexed", "Pattern"})
_DEEPEST = 8


class Space(NamedTuple):
    """A colour space: its family, the array that it stands in (None for a name), and the spaces that it is made of."""

    kind: str
    array: Object
    inner: tuple[Space, ...]
    key: object

    @property
    def profile(self) -> Object | None:
        """The ICC profile's stream."""
        return stream(self.array[1]) if self.kind == "ICCBased" and self.array is not None else None

    @property
    def components(self) -> int | None:
        """How many colours an ICCBased space has."""
        profile = self.profile
        return None if profile is None else integer(profile.get("/N"))

    def all(self) -> Iterator[Space]:
        """This one and those within it."""
        yield self
        for each in self.inner:
            yield from each.all()


PATTERN = Space("Pattern", None, (), "Pattern")
UNREADABLE = Space("DeviceGray", None, (), "unreadable")
"""A colour space that nobody can read: what is painted in it is gray, with no more said about it."""
_PLAIN = {kind: Space(kind, None, (), kind) for kind in DEVICES} | {"Pattern": PATTERN}


def named(stated: str, resources: Resources) -> Space | None:
    """The space that a content stream names."""
    if stated not in resources.spaces:
        resources.spaces[stated] = _named(stated, resources)
    found: Space | None = resources.spaces[stated]
    return found


def device(stated: str, resources: Resources) -> Space:
    """The colour space of a device, or the one that stands for it."""
    return named(stated, resources) or _PLAIN[stated[1:]]


def _named(stated: str, resources: Resources) -> Space | None:
    replaced = resources.default(stated)
    if replaced is not None:
        return space(replaced, None)
    if stated[1:] in _PLAIN:
        return _PLAIN[stated[1:]]
    return space(resources.find("/ColorSpace", stated), resources)


def space(value: Object, resources: Resources | None, depth: int = 0) -> Space | None:
    """The space that an object is; device spaces within it are replaced by the defaults of `resources`."""
    if depth > _DEEPEST:
        return None
    if (stated := name(value)) is not None:
        return _by_name(f"/{stated}", resources, depth)
    parts = array(value)
    if len(parts) == 0:
        return None
    if len(parts) == 1:
        return space(parts[0], resources, depth + 1)
    kind = name(parts[0]) or ""
    if kind == "CalCMYK":
        return _by_name("/DeviceCMYK", resources, depth)
    return Space(kind, value, _inner(kind, parts, resources, depth + 1), identity(value)) if kind in _KINDS else None


def _by_name(stated: str, resources: Resources | None, depth: int) -> Space | None:
    stated = f"/{_SHORT.get(stated[1:], stated[1:])}"
    if resources is not None and (replaced := resources.default(stated)) is not None:
        return space(replaced, None, depth + 1)
    if stated[1:] in _PLAIN:
        return _PLAIN[stated[1:]]
    found = None if resources is None else resources.find("/ColorSpace", stated)
    return None if found is None else space(found, resources, depth + 1)


def _inner(kind: str, parts: Object, resources: Resources | None, depth: int) -> tuple[Space, ...]:
    found: list[Space | None] = []
    if kind in {"Indexed", "Pattern"}:
        found = [space(parts[1], resources, depth)]
    elif kind in {"Separation", "DeviceN"} and len(parts) > 2:
        found = [space(parts[2], resources, depth)]
    if kind == "DeviceN" and len(parts) > 4:
        attributes = dictionary(parts[4])
        found.append(space(at(attributes, "/Process", "/ColorSpace"), None, depth))
        colorants = at(attributes, "/Colorants")
        if isinstance(colorants, pikepdf.Dictionary):
            found += [space(each, None, depth) for each in colorants.values()]
    return tuple(each for each in found if each is not None)


class Separation(NamedTuple):
    """A separation, and whether an earlier one of that name has the same alternate space and tint transform."""

    colorant: str
    agrees: bool
    place: str


def separations(used: Iterable[tuple[Space, str]]) -> Iterator[Separation]:
    """The separations among spaces in use."""
    first: dict[str, tuple[bytes, ...]] = {}
    for each, place in used:
        if each.kind == "Separation" and each.array is not None and len(each.array) > 3:
            colorant = name(each.array[1]) or ""
            mark = _written(each.array[2]), _written(each.array[3])
            yield Separation(colorant, first.setdefault(colorant, mark) == mark, place)


def _written(value: Object, depth: int = 0) -> bytes:
    """An object with all that it refers to, so that two can be compared whatever their numbers are."""
    if depth > _DEEPEST:
        return b""
    if isinstance(value, pikepdf.Stream):
        return _written(value.stream_dict, depth + 1) + value.read_bytes() if "/DecodeParms" not in value else value.read_raw_bytes()
    if isinstance(value, pikepdf.Dictionary):
        entries = sorted((key, each) for key, each in value.items() if key not in {"/Length", "/Filter"})
        return b"".join(key.encode() + _written(each, depth + 1) for key, each in entries)
    if isinstance(value, pikepdf.Array):
        return b"[" + b" ".join(_written(each, depth + 1) for each in value) + b"]"
    return value.unparse() if isinstance(value, pikepdf.Object) else str(value).encode()
