"""Drafts in JSON: one invoice as an object in the model's shape, or several in a list. `3.50` stays 3.50: no float on the way."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from typing import Any

from einvoice.drafts.faults import Origin, Origins, Places, Steps
from einvoice.errors import Location, Unreadable
from einvoice.model.types import MAX_EXPONENT

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+|\n')


def read(text: str) -> list[tuple[Any, Places]]:
    """The invoices that the text states, each with where its values stand.

    Raises Unreadable where the text is not JSON.
    """
    data = _parsed(text)
    places = cache(partial(origins, text))
    if isinstance(data, dict):
        return [(data, places)]
    return [(item, cache(partial(_within, places, number))) for number, item in enumerate(data)]


def _within(places: Places, number: int) -> Origins:
    """Where the values of one invoice of a list stand, by their paths in that invoice."""
    return {path[1:]: origin for path, origin in places().items() if path[:1] == (number,)}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_float=_number, parse_constant=_no_number, object_pairs_hook=_once)
    except json.JSONDecodeError as fault:
        where = Location(line=fault.lineno)
        raise Unreadable(f"column {fault.colno}: this is not JSON ({fault.msg})", location=where, mend="mend the JSON there") from None
    except (ValueError, RecursionError) as fault:
        raise Unreadable(str(fault)[:200] or type(fault).__name__, mend="correct it") from None


def _number(text: str) -> Decimal:
    """The number digit by digit; `1e3` is spelled 1000 from here on."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text:.40} is not a number that an invoice can state") from None
    return Decimal(f"{value:f}") if 0 < value.adjusted() <= MAX_EXPONENT else value


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not a number that an invoice can state")


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are all different."""
    made = dict(members)
    if len(made) < len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands twice in one object")
    return made


def origins(text: str) -> dict[Steps, Origin]:
    """The line of every value in JSON that has been parsed, by its path."""
    found: dict[Steps, Origin] = {(): Origin(1)}
    open_: list[str | int | None] = []  # in each object or list around: the name or position that comes next
    line, before = 1, ""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == "\n":
            line += 1
            continue
        if token == ":" and open_:
            open_[-1] = json.loads(before)
        elif token == ",":
            open_[-1] = open_[-1] + 1 if isinstance(open_[-1], int) else None
        elif token in "]}":
            open_.pop()
        elif None not in open_:
            found[tuple(step for step in open_ if step is not None)] = Origin(line)
        if token in "[{":
            open_.append(0 if token == "[" else None)
        before = token
    return found
