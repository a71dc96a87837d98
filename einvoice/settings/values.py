"""How the values of settings are read: sizes, secrets by reference, addresses, numbers within bounds."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from einvoice.errors import SettingsError

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_SIZE = r"\s*(\d{1,15})\s*([a-zA-Z]*)\s*"


def size(value: object) -> int:
    """A number of bytes, from a whole number or text such as "100 MB".

    Raises ValueError for anything else, and for sizes below 1.
    """
    match = re.fullmatch(_SIZE, str(value), re.ASCII) if isinstance(value, int | str) and not isinstance(value, bool) else None
    unit = _UNITS.get(match[2].lower()) if match else None
    if match is None or unit is None or not int(match[1]):
        raise ValueError('a size is a whole number of bytes above 0, or text such as "100 MB"')
    return int(match[1]) * unit


class Hidden(ValueError):
    """A value that is wrong and must not be repeated: it may be a secret."""


class Secret:
    """A secret by reference, `env:NAME` or `file:PATH`; only `reveal` looks behind it."""

    __slots__ = ("reference",)

    def __init__(self, reference: str) -> None:
        self.reference = reference

    def __repr__(self) -> str:
        return f"Secret({self.reference!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reference == self.reference

    def __hash__(self) -> int:
        return hash(self.reference)

    def reveal(self) -> str:
        """The secret itself, never to be kept or shown; SettingsError where the reference leads to nothing."""
        kind, _, where = self.reference.partition(":")
        try:
            found = os.environ.get(where, "") if kind == "env" else Path(where).expanduser().read_text("utf-8").strip()
        except (OSError, ValueError) as fault:
            raise SettingsError(f"the secret {self.reference} cannot be read: {type(fault).__name__}; write it into that file") from None
        if not found:
            raise SettingsError(f"the secret {self.reference} is empty; set the {'variable' if kind == 'env' else 'file'} it names")
        return found


def secret(value: object) -> Secret:
    """A secret, from its reference; Hidden for anything else: a secret itself never stands in settings."""
    if isinstance(value, str) and re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*|file:(/|~|\\\\|[A-Za-z]:[\\/]).+", value):
        return Secret(value)
    raise Hidden("a secret is given by reference: write env:NAME or file:/PATH, and the secret there")


def secrets(value: object) -> tuple[Secret, ...]:
    """One secret or several, from their references."""
    return tuple(map(secret, value if isinstance(value, list) and value else [value]))


def database_url(value: object) -> str | Secret:
    """The address of a database, or the secret that holds it; Hidden for one that shows a password, and for what is no address."""
    stated = text(value)
    if stated.startswith(("env:", "file:")):
        return secret(stated)
    if re.search(r"://[^/@]*:[^/]*@|[?&]password=", stated):
        raise Hidden("it shows a password; leave that out and give [database] password, or the whole address, as env:NAME or file:/PATH")
    if "://" not in stated:
        raise Hidden("an address is sqlite:///FILE or postgresql://USER@HOST/NAME")
    return stated


def text(value: object) -> str:
    """Text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("it is text, and not empty")
    return value.strip()


def web_address(value: object) -> str:
    """An address that nobody can listen to: https, or http on this machine."""
    stated = text(value)
    if not re.fullmatch(r"https://[^\s/@]+(/\S*)?|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/\S*)?", stated):
        raise Hidden("an address begins with https:// (http:// only on this machine) and holds no user or password")
    return stated


def between(least: int, most: int) -> Callable[[object], int]:
    """Reads a whole number within bounds."""

    def read(value: object) -> int:
        stated = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
        if not re.fullmatch(r"\d{1,9}", stated, re.ASCII) or not least <= int(stated) <= most:
            raise ValueError(f"it is a whole number from {least} to {most}")
        return int(stated)

    return read


def one_of(*words: str) -> Callable[[object], str]:
    """Reads one of some words."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"it is one of {', '.join(words)}")
        return value

    return read


def names(value: object) -> tuple[str, ...]:
    """A list of texts (in a variable: with commas between)."""
    stated = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(stated, list) or not stated:
        raise ValueError('it is a list such as ["invoice.sent"]')
    return tuple(text(each) for each in stated)


def folder(value: object) -> Path:
    """A folder, from its path as text; ValueError for anything else, and for empty text."""
    return Path(text(value)).expanduser()


class Pace(NamedTuple):
    """How many effects a channel may send in so many seconds."""

    channel: str
    most: int
    seconds: int


_SPANS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}


def paces(value: object) -> tuple[Pace, ...]:
    """How fast channels may send, from a list such as ["sms 60/minute"] (in a variable: with commas between)."""
    stated = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(stated, list) or not stated:
        raise ValueError('it is a list such as ["sms 60/minute", "email 500/hour"]')
    return tuple(_pace(each) for each in stated)


def _pace(value: object) -> Pace:
    match = re.fullmatch(r"([a-z_]{1,40}) (\d{1,7})/(second|minute|hour|day)", value.strip(), re.ASCII) if isinstance(value, str) else None
    if match is None or not int(match[2]):
        raise ValueError('a pace is written like "sms 60/minute": a channel, how many, in a second, minute, hour or day')
    return Pace(match[1], int(match[2]), _SPANS[match[3]])
