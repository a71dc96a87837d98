"""The code lists of the network (Peppol eDEC Code Lists v9.7): participant schemes, document types, processes, transport profiles,
use cases of service providers. Each is a file beside this one, written by `update` from the official release."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

_HERE = Path(__file__).parent


class State(StrEnum):
    """What a list says of an entry: to be used, still accepted, no longer in the network."""

    ACTIVE = "active"
    DEPRECATED = "deprecated"
    REMOVED = "removed"


class Entry(NamedTuple):
    """An entry: `since` and `deprecated` are releases of the list (`1.2.0`), `until` is the day on which it is removed.

    `code` is the EAS code, the value of the document type or process, the profile or the use case. `processes` of a document type are
    `scheme::value`, as the list orders them. `registrable` says whether participants may be registered under the scheme;
    what is `abstract` stands for others that specialise it, and is never sent itself.
    """

    code: str
    state: State
    name: str = ""
    scheme: str = ""
    id: str = ""
    country: str = ""
    category: str = ""
    since: str | None = None
    deprecated: str | None = None
    until: date | None = None
    processes: tuple[str, ...] = ()
    registrable: bool = True
    abstract: bool = False

    def on(self, day: date) -> State:
        """The state on a day: an entry is removed from its `until` on."""
        if self.until is not None and day >= self.until:
            return State.REMOVED
        return State.DEPRECATED if self.state is State.REMOVED and self.until is not None else self.state


class List(NamedTuple):
    """A code list: where it comes from, its release, its entries by (scheme, code); the scheme is empty where the list has none."""

    title: str
    version: str
    source: str
    entries: Mapping[tuple[str, str], Entry]


@cache
def code_list(name: str) -> List:
    """The list `participants`, `documents`, `processes`, `transports` or `usecases`."""
    read = json.loads((_HERE / f"{name}.json").read_text("utf-8"))
    entries = (_entry(row) for row in read["entries"])
    return List(read["title"], read["version"], read["source"], MappingProxyType({(entry.scheme, entry.code): entry for entry in entries}))


def today() -> date:
    """The day by UTC."""
    return datetime.now(UTC).date()


def _entry(row: dict[str, Any]) -> Entry:
    until = row.get("until")
    return Entry(
        **{
            **row,
            "state": State(row["state"]),
            "until": date.fromisoformat(until) if until else None,
            "processes": tuple(row.get("processes", ())),
        }
    )
