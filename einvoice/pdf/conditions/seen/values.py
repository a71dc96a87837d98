"""Values of a PDF as what they should be, or None: whatever stands there instead is looked at by no condition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeAlias

import pikepdf

Object: TypeAlias = Any
"""Anything that pikepdf answers with: an object of the PDF, or a number, a truth or None of Python."""

_NUMBERS = (int, Decimal, float)
_ESCAPE = re.compile("#([0-9A-Fa-f]{2})")


def dictionary(value: Object) -> Object | None:
    """A dictionary, or the dictionary of a stream, else None."""
    return value if isinstance(value, pikepdf.Dictionary | pikepdf.Stream) else None


def stream(value: Object) -> Object | None:
    """A stream, else None."""
    return value if isinstance(value, pikepdf.Stream) else None


def array(value: Object) -> Object:
    """An array, else an empty tuple."""
    return value if isinstance(value, pikepdf.Array) else ()


def name(value: Object) -> str | None:
    """A name without its solidus, else None; bytes that are not UTF-8 are read as Latin-1."""
    if not isinstance(value, pikepdf.Name):
        return None
    try:
        return str(value)[1:]
    except UnicodeDecodeError:
        return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), value.unparse().decode("latin-1"))[1:]


def keys(value: Object) -> set[str]:
    """The keys of a dictionary as names without their solidus, read as `name` reads them."""
    stated = value.keys() if isinstance(value, pikepdf.Dictionary | pikepdf.Stream) else ()
    return {_plain(key)[1:] for key in stated}


def _plain(key: str) -> str:
    raw = key.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def string(value: Object) -> bytes | None:
    """The bytes of a string, else None."""
    return bytes(value) if isinstance(value, pikepdf.String) else None


def integer(value: Object) -> int | None:
    """A number cut to a whole one, else None."""
    return int(value) if isinstance(value, _NUMBERS) and not isinstance(value, bool) else None


def number(value: Object) -> float | None:
    """A number, else None."""
    return float(value) if isinstance(value, _NUMBERS) and not isinstance(value, bool) else None


def dictionaries(value: Object) -> Iterator[Object]:
    """The dictionaries in an array."""
    return (each for each in array(value) if isinstance(each, pikepdf.Dictionary | pikepdf.Stream))


def identity(value: Object) -> object:
    """What tells an object from another: its number, or for one that stands within another its text."""
    if value is None or not isinstance(value, pikepdf.Object):
        return value
    return value.objgen if value.is_indirect else value.unparse()


def at(value: Object, *keys: str) -> Object:
    """What stands in dictionaries within dictionaries, else None."""
    for key in keys:
        value = value.get(key) if isinstance(value, pikepdf.Dictionary | pikepdf.Stream) else None
    return value
