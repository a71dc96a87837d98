"""The output intents (ISO 32000-1, 14.11.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from einvoice.pdf.conditions.seen.profiles import Profile, profile
from einvoice.pdf.conditions.seen.streams import Streams
from einvoice.pdf.conditions.seen.values import Object, dictionaries, identity, integer, name, stream


class Intent(NamedTuple):
    """An output intent: its dictionary, what its profile says, and which stream that is."""

    dictionary: Object
    profile: Profile | None
    key: object
    place: str


def intents(root: Object, streams: Streams) -> Iterator[Intent]:
    """Those of the document."""
    for each in dictionaries(root.get("/OutputIntents")):
        held = stream(each.get("/DestOutputProfile"))
        read = None if held is None else profile(streams.read(held) or b"", integer(held.get("/N")))
        yield Intent(each, read, None if held is None else identity(held), f"output intent {name(each.get('/S'))}")
