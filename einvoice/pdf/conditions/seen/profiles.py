"""What the header of an ICC profile says (ISO 15076-1, 7.2)."""

from __future__ import annotations

from typing import NamedTuple


class Profile(NamedTuple):
    """Class and colour space as four characters, the version; None where the header is too short for them."""

    device_class: str | None
    colour_space: str | None
    version: float | None
    components: int | None


def profile(data: bytes, components: int | None) -> Profile:
    """The header; `components` is what the stream's dictionary says of the number of colours."""
    header = data[:128]
    version = float(f"{header[8]}.{header[9] >> 4}") if len(header) > 9 else None
    return Profile(_signature(header, 12), _signature(header, 16), version, components)


def _signature(header: bytes, at: int) -> str | None:
    text = header[at : at + 4]
    return text.decode("latin-1") if len(text) == 4 and any(text) else None
