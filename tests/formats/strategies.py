"""Invoices out of thin air: any value the model takes, made from the model's own type hints."""

from __future__ import annotations

import base64
import datetime
import types
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from einvoice.formats import cii, ubl
from einvoice.model import Group, Invoice, Line
from einvoice.model.invoice import TypeCode
from einvoice.model.references import SubjectCode
from einvoice.model.types import Amount, Base64, Code, Date, Text

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, {*range(32), 0xFFFE, 0xFFFF} - {9, 10, 13})))
RESERVED = {cii.INVOICE, ubl.NO_ORDER, *ubl.NOT_DEFINED, "FC", "VAT", "SEPA"}  # words by which the bindings say something of their own
TEXT = st.text(CHARACTERS, min_size=1, max_size=12).map(str.strip).filter(lambda text: text and text not in RESERVED)
CODE = st.text("ABCXYZ0129:-.", min_size=1, max_size=5)
AMOUNT = st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=3) | st.integers(-(10**12), 10**12).map(Decimal)
DATE = st.dates(datetime.date(1000, 1, 1))
BINARY = st.binary(min_size=1, max_size=40).map(lambda data: base64.b64encode(data).decode())

KNOWN: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (Text, TEXT),
    (Code, CODE),
    (TypeCode, st.sampled_from(["380", "381", "384", "326", "396"])),
    (SubjectCode, st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3)),
    (Amount, AMOUNT),
    (Base64, BINARY),
    (Date, DATE),
]


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type hint."""
    for known, strategy in KNOWN:
        if hint == known:
            return strategy
    origin = get_origin(hint)
    if origin is Annotated:
        return of(get_args(hint)[0])
    if origin in (Union, types.UnionType):
        return st.none() | of(next(part for part in get_args(hint) if part is not type(None)))
    if origin is Literal:
        return st.sampled_from(get_args(hint))
    if origin is tuple:
        return st.lists(of(get_args(hint)[0]), max_size=2).map(tuple)
    if issubclass(hint, Group):
        return groups(hint)
    raise TypeError(f"no strategy for {hint!r}")


def groups(group: type[Group]) -> st.SearchStrategy[Any]:
    """Groups of a class, each term there or not."""
    hints = {name: hint for name, hint in get_type_hints(group, include_extras=True).items() if name in group.model_fields}
    if group is Line:
        del hints["lines"]
    if set(hints) == {"value", "scheme"}:  # an identifier says at least its value
        return st.builds(group, value=TEXT, scheme=st.none() | CODE)
    return st.builds(group, **{name: of(hint) for name, hint in hints.items()})


def _with_sublines(invoice: Invoice) -> Invoice:
    """The second line inside the first, where there are two."""
    if len(invoice.lines) < 2 or invoice.lines[0].identifier is None or invoice.lines[0].identifier == invoice.lines[1].identifier:
        return invoice
    first, second = invoice.lines
    return invoice.model_copy(update={"lines": (first.model_copy(update={"lines": (second,)}),)})


INVOICES = groups(Invoice) | groups(Invoice).map(_with_sublines)
