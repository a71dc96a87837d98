"""Where each business term stands in the model: its id and its path, found by walking the model's own fields."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from einvoice.model.invoice import Invoice
from einvoice.model.types import Group


@cache
def paths() -> Mapping[str, str]:
    """The model path of every BT and BG id, such as `BT-31` → `seller.vat_identifier`; lists show as `lines[]`.

    Raises ValueError where an id stands twice.
    """
    found: dict[str, str] = {}
    for term, path in _walk(Invoice, "", {}):
        if term in found:
            raise ValueError(f"{term} stands at {found[term]} and at {path}")
        found[term] = path
    return found


@cache
def terms() -> Mapping[str, str]:
    """The id of every model path that has one."""
    return {path: term for term, path in paths().items()}


def _walk(group: type[Group], prefix: str, parts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The ids in a group; `parts` are those that its place gives to the fields of a shared shape."""
    hints = get_type_hints(group, include_extras=True)
    for name, field in group.model_fields.items():
        extra: Any = field.json_schema_extra or {}
        inner, repeats = group_in(hints[name])
        path = f"{prefix}{name}{'[]' if repeats else ''}"
        for term in [*extra.get("term", ()), *([parts[name]] if name in parts else [])]:
            yield term, path
        if inner is group:  # a line within a line: the same terms, its groups with ids of their own
            yield from ((term, f"{path}.{'item.' if part == 'attributes' else ''}{part}") for part, term in extra["parts"].items())
        elif inner is not None:
            yield from _walk(inner, f"{path}.", extra.get("parts", {}))


def group_in(hint: Any) -> tuple[type[Group] | None, bool]:
    """The group class that a field holds, None for a value; and whether the field repeats."""
    origin = get_origin(hint)
    if origin is Annotated:
        return group_in(get_args(hint)[0])
    if origin in (Union, types.UnionType):
        return group_in(next(part for part in get_args(hint) if part is not type(None)))
    if origin is tuple:
        return group_in(get_args(hint)[0])[0], True
    return (hint, False) if isinstance(hint, type) and issubclass(hint, Group) else (None, False)
