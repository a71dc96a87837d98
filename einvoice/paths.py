"""Paths into an invoice, such as `lines[0].price.net` (positions from 0, as in Python and JSON), and the terms they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple, get_args

from einvoice.model import Group, Invoice

Steps = Sequence[str | int]
"""Field names and positions, as pydantic gives them."""

_INDEX = re.compile(r"[0-9]{1,9}")
NO_PARTS: Mapping[str, str] = MappingProxyType({})


class Field(NamedTuple):
    """A field of a group.

    `group` is the group it holds, None for a plain value; `terms` are its BT/BG ids; `parts` the ids of the parts of a shared
    shape in this place, such as an address's.
    """

    name: str
    group: type[Group] | None
    repeats: bool
    terms: tuple[str, ...]
    parts: Mapping[str, str]


class Value(NamedTuple):
    """A plain value in an invoice: where it stands, and the term it is."""

    path: Steps
    term: str | None
    value: Any


@cache
def fields(group: type[Group]) -> Mapping[str, Field]:
    """The fields of a group by name, in the order of the norm."""
    group.model_rebuild()  # a line holds lines, which are known only now
    return {name: _field(name, info) for name, info in group.model_fields.items()}


def term_of(path: Steps) -> str | None:
    """The term that a path leads to, or the nearest one around it; None for a path that leads nowhere."""
    return next((term for _, term in reversed([*along(path)]) if term), None)


def along(path: Steps) -> Iterator[tuple[Field, str | None]]:
    """The fields on a path as far as the model knows them, each with its term in this place."""
    group: type[Group] | None = Invoice
    parts = NO_PARTS
    for step in path:
        if isinstance(step, int):
            continue
        field = fields(group).get(step) if group else None
        if field is None:
            return
        yield field, parts.get(step) or next(iter(field.terms), None)
        group, parts = field.group, field.parts


def text(path: Steps) -> str:
    """The path as people write it: `lines[0].price.net`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def parse(written: str) -> tuple[str | int, ...]:
    """The steps of a path that `text` has written."""
    steps = written.replace("[", ".").replace("]", "").split(".")
    return tuple(int(step) if _INDEX.fullmatch(step) else step for step in steps if step)


def values(group: Group) -> Iterator[Value]:
    """Every plain value that a group states, with its path and its term, in the order of the norm."""
    return (value for _, value in patterned(group))


def patterned(
    group: Group, parts: Mapping[str, str] = NO_PARTS, around: str | None = None, path: Steps = (), pattern: str = ""
) -> Iterator[tuple[str, Value]]:
    """The same, each with its path without positions: `lines[].price.net`."""
    for name, field in fields(type(group)).items():
        stated = getattr(group, name)
        if stated is None:
            continue
        term = parts.get(name) or (field.terms[0] if field.terms else around)
        several = isinstance(stated, tuple)
        form = f"{pattern}{name}[]" if several else f"{pattern}{name}"
        for position, value in enumerate(stated if several else (stated,)):
            place = (*path, name, position) if several else (*path, name)
            if field.group is not None:
                yield from patterned(value, field.parts, term, place, f"{form}.")
            else:
                yield form, Value(place, term, value)


def _field(name: str, info: Any) -> Field:
    extra = info.json_schema_extra or {}
    group = _group(info.annotation)
    return Field(name, group, _repeats(info.annotation), tuple(extra.get("term", ())), extra.get("parts", {}))


def _group(annotation: Any) -> type[Group] | None:
    """The group somewhere within an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, Group):
        return annotation
    return next((found for part in get_args(annotation) if (found := _group(part))), None)


def _repeats(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is tuple or any(_repeats(part) for part in get_args(annotation))
