"""Searches the Peppol directory: who published a business card (REST API 1.0 of the Peppol Directory, `/search/1.0/json`).

An entry there is what somebody published some day. It never proves that a participant can be reached; only the lookup does.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from einvoice.errors import LookupFailed, TransportError
from einvoice_peppol.http import Http
from einvoice_peppol.identifiers.values import PARTICIPANTS

PER_SECOND = 2
"""Requests a second that the directory allows; all searches of this process share them."""
MOST = 1_000
"""Results that it gives of one search."""
_PAGE = 100
_SIZE = 8_000_000


class Entry(NamedTuple):
    """A business card: the participant (`0208:0123456789`), its names, country code, place, day of registration; its document types."""

    participant: str
    names: tuple[str, ...]
    country: str | None
    place: str | None
    since: str | None
    documents: tuple[str, ...]


class _Pace:
    """Lets requests through one after another, `PER_SECOND` of them a second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Returns when it is the caller's turn."""
        with self._lock:
            at = max(time.monotonic(), self._next)
            self._next = at + 1 / PER_SECOND
        time.sleep(max(0.0, at - time.monotonic()))


_PACE = _Pace()


def search(http: Http, directory: str, text: str, *, country: str | None = None, most: int = MOST) -> Iterator[Entry]:
    """The entries that hold a text, page after page as they are asked for; `most` of them, 1,000 at most.

    Raises LookupFailed where the directory could not be asked or answers in no known way.
    """
    query = {"q": text, **({"country": country} if country else {})}
    page, left = 0, min(most, MOST)
    while left > 0:
        found, total = _page(http, f"{directory}/search/1.0/json?{urlencode({**query, 'resultPageIndex': page, 'resultPageCount': _PAGE})}")
        yield from found[:left]
        left -= len(found)
        page += 1
        if page * _PAGE >= min(total, MOST):
            return


def _page(http: Http, url: str) -> tuple[list[Entry], int]:
    _PACE.wait()
    try:
        answer = http.call("GET", url, headers={"accept": "application/json"}, timeout=20.0, most=_SIZE)
    except TransportError as fault:
        raise LookupFailed(f"the directory could not be asked: {fault}; try again later") from None
    if answer.status != 200:
        raise LookupFailed(f"the directory answers {answer.status}; try again later")
    try:
        data = json.loads(answer.body)
        return [entry for entry in map(_entry, data["matches"]) if entry], int(data["total-result-count"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise LookupFailed("what the directory answers is not its published format 1.0") from None


def _entry(match: Any) -> Entry | None:
    """One match; None where it is not of Peppol's scheme."""
    who, entities = match["participantID"], match.get("entities") or []
    if who["scheme"] != PARTICIPANTS:
        return None
    names = tuple(name for entity in entities for name in _names(entity.get("name") or []))
    first = entities[0] if entities else {}
    documents = tuple(f"{one['scheme']}::{one['value']}" for one in match.get("docTypes") or [])
    country, place, since = (_text(first.get(key)) for key in ("countryCode", "geoInfo", "regDate"))
    return Entry(str(who["value"]), names, country, place, since, documents)


def _names(found: Any) -> list[str]:
    """The names of an entity: a list with languages, or one text."""
    return [found] if isinstance(found, str) else [str(one["name"]) for one in found]


def _text(found: Any) -> str | None:
    return None if found is None else str(found)
