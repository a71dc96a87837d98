"""Profiles: the specifications (BT-24) an invoice may follow, and which layers of rules each requires.

`profile("peppol").specification` is what BT-24 says; `by_specification(…)` goes the other way. Older versions count as the
profile of today: XRechnung 2.x as `xrechnung`, ZUGFeRD 2.0 as `facturx-…`. Profiles that are not `supported` are known by name
only, so that the answer is clear. The table stands in `profiles.json`, in the order in which it is searched.
"""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from einvoice_schemas._unknown import unknown


class Profile(NamedTuple):
    """A specification and its rules.

    `specification` (BT-24) and `process` (BT-23) are what a document of the profile states, None where nothing is fixed;
    `also` is a pattern of other values of BT-24 that count as this profile; `layers` are required in `syntaxes`;
    `valid_from` is the first day of the version described; `note` is what a reader should know.
    """

    name: str
    title: str
    syntaxes: tuple[str, ...]
    layers: tuple[str, ...]
    source: str
    specification: str | None = None
    process: str | None = None
    also: str | None = None
    supported: bool = True
    valid_from: date | None = None
    note: str | None = None


@cache
def profiles() -> dict[str, Profile]:
    """Every profile by name, in the order of the table."""
    rows = json.loads(Path(__file__).with_name("profiles.json").read_bytes())
    return {row["name"]: _profile(row) for row in rows}


def _profile(row: dict[str, Any]) -> Profile:
    day = row.get("valid_from")
    texts = {"syntaxes": tuple(row["syntaxes"]), "layers": tuple(row["layers"]), "valid_from": date.fromisoformat(day) if day else None}
    return Profile(**{**row, **texts})


def profile(name: str) -> Profile:
    """The profile of that name.

    Raises KeyError with the nearest names.
    """
    found = profiles().get(name)
    if found is None:
        raise unknown("profile", name, profiles())
    return found


def by_specification(specification: str | None, process: str | None = None) -> Profile | None:
    """The profile that BT-24 names, None where it names none that is known; white space around it does not count.

    BT-23 decides only where profiles share their BT-24.
    """
    if not specification:
        return None
    found = _exact().get(specification)
    if found is None:
        return _searched(specification.strip(" \t\r\n"))
    return next((item for item in found if process and item.process == process), found[0])


@cache
def _exact() -> dict[str, list[Profile]]:
    known: dict[str, list[Profile]] = {}
    for item in profiles().values():
        if item.specification:
            known.setdefault(item.specification, []).append(item)
    return known


@cache
def _patterns() -> list[tuple[re.Pattern[str], Profile]]:
    return [(re.compile(item.also, re.DOTALL), item) for item in profiles().values() if item.also]


def _searched(specification: str) -> Profile | None:
    """The first profile whose pattern fits, a stated value of BT-24 before any pattern; values over 500 characters are none."""
    if len(specification) > 500:
        return None
    exact = _exact().get(specification)
    return exact[0] if exact else next((item for pattern, item in _patterns() if pattern.fullmatch(specification)), None)
