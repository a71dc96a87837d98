"""Parts of a document that conditions look at and that nothing else reads: what they are, and where they stand."""

from __future__ import annotations

from typing import NamedTuple

from einvoice.pdf.conditions.seen.profiles import Profile
from einvoice.pdf.conditions.seen.values import Object


class Thing(NamedTuple):
    """A dictionary that there is one of: the trailer, the catalog, a form."""

    dictionary: Object
    place: str


class Filter(NamedTuple):
    """A filter of a stream, and what a Crypt filter names."""

    name: str
    crypt: str | None
    place: str


class Box(NamedTuple):
    """A boundary of a page, in units."""

    width: float
    height: float
    place: str


class Blending(NamedTuple):
    """A page: whether it is transparent, and whether it says in which colours it blends: its group's, or those of the output intent."""

    transparent: bool
    coloured: bool
    place: str


class Device(NamedTuple):
    """A colour space of a device in use, and the colour space of the output intent."""

    kind: str
    output: str | None
    place: str


class Profiled(NamedTuple):
    """What the profile of a colour space says, and where it is used."""

    profile: Profile
    place: str


class Reference(NamedTuple):
    """A reference of a signature, and whether the document's permissions name DocMDP."""

    dictionary: Object
    certified: bool
    place: str
