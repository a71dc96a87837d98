"""An invoice that states every term of the model, each value unlike any other, so that what is found is that value."""

from __future__ import annotations

import base64
import datetime
import types
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from einvoice.model import Group, Invoice, Line
from einvoice.model.invoice import TypeCode
from einvoice.model.references import SubjectCode
from einvoice.model.types import Amount, Base64, Code, Date, Text


def invoice() -> Invoice:
    """Two of whatever repeats; each line has a line within it."""
    numbers = count(1)
    made = _group(Invoice, numbers, within=False)
    assert isinstance(made, Invoice)
    return made


def _group(group: type[Group], numbers: Iterator[int], *, within: bool) -> Group:
    hints = {name: hint for name, hint in get_type_hints(group, include_extras=True).items() if name in group.model_fields}
    if group is Line and within:
        del hints["lines"]
    return group(**{name: _value(hint, numbers, within or group is Line) for name, hint in hints.items()})


def _value(hint: Any, numbers: Iterator[int], within: bool) -> Any:
    for known, make in _PLAIN:
        if hint == known:
            return make(next(numbers))
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _value(parts[0], numbers, within)
    if origin in (Union, types.UnionType):
        return _value(next(part for part in parts if part is not type(None)), numbers, within)
    if origin is Literal:
        return parts[0]
    if origin is tuple:
        return tuple(_value(parts[0], numbers, within) for _ in range(2))
    return _group(hint, numbers, within=within)


_PLAIN: list[tuple[Any, Any]] = [
    (Text, lambda number: f"Wört-{number:04}-x"),
    (Code, lambda number: f"K{number:04}Z"),
    (TypeCode, lambda number: "384"),
    (SubjectCode, lambda number: "ZZ" + chr(65 + number % 26)),
    (Amount, lambda number: Decimal(f"{number}{number:04}.{number % 9 + 1}{number % 7 + 1}{number % 5 + 1}")),
    (Base64, lambda number: base64.b64encode(b"x" * (5000 + number)).decode()),
    (Date, lambda number: datetime.date(1990, 1, 1) + datetime.timedelta(days=number * 37)),
]
