"""The language of the binding tables: where each business term stands in a syntax.

A table maps element names to nodes. Reader, writer and the mapping page all come from it:

- `leaf("number")` is an element whose text is that term; `attributes` bind its attributes;
- `inside({...})` is an element that only groups others;
- `one("seller", {...})` is an element that is a business group, `many("lines", {...})` one that repeats as a group;
- `choice(select, {...})` is an element that means one thing or another, by what `select` finds in it.

A slot is a path in the model, from the group that the table is in: `"address.city"`; with a leading `/` from the invoice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeAlias

from lxml import etree

from einvoice.formats.syntax import full


class Kind(Enum):
    """How a value is spelled."""

    TEXT = auto()
    NUMBER = auto()
    DATE = auto()  # xs:date
    DATE_102 = auto()  # CCYYMMDD, UNTDID 2379 code 102
    BINARY = auto()
    FLAG = auto()  # xs:boolean
    NOTE = auto()  # UBL's #code#text
    TAX_POINT = auto()  # UNTDID 2475 for a term that the norm codes in UNTDID 2005


TOKENS = {"$currency": "currency_code", "$vat_currency": "vat_accounting_currency_code"}
"""What an attribute may say of the whole invoice: by token, the slot that says it."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """An element that holds one value.

    `attributes` maps attribute names to a slot, to `=constant`, or to one of TOKENS;
    `default` is what the element says where the slot is empty (read back as absent), `filler` the same for an element
    that the structure requires beside others (the syntax's `finish` takes it out again);
    `repeats` allows the same value several times when read, `everywhere` writes it in each group it stands in, not in the first alone;
    a `weak` value is written beside others, never alone, and read only where no other element has it.
    `accepts` says, of the group, whether its value belongs in this element when an invoice is written.
    """

    slot: str | None
    kind: Kind = Kind.TEXT
    attributes: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    filler: str | None = None
    filler_attributes: Mapping[str, str] = field(default_factory=dict)
    repeats: bool = False
    everywhere: bool = False
    weak: bool = False
    accepts: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """An element with elements inside; `slot` is the group it opens, None where it opens none.

    `many` opens a new group each time; `items` gives the groups to write where they are not the slot's own;
    `when` (of the invoice) says whether the element is written at all.
    """

    children: Table
    slot: str | None = None
    many: bool = False
    repeats: bool = False
    items: Callable[[Any], Iterable[Any]] | None = None
    when: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class Each:
    """An element that repeats, each a small group of its own whose leaf stands in the element itself."""

    slot: str
    leaf: Leaf
    accepts: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """An element that means what `select` says; a key without a case is not a business term."""

    select: Callable[[etree._Element, Any], str]
    cases: Mapping[str, Node]


Node: TypeAlias = "Leaf | Branch | Each | Choice"
Table: TypeAlias = "Mapping[str, Node]"


def leaf(slot: str, kind: Kind = Kind.TEXT, **options: Any) -> Leaf:
    """An element that holds one business term."""
    return Leaf(slot, kind, **options)


def number(slot: str, **options: Any) -> Leaf:
    """A decimal number without unit."""
    return Leaf(slot, Kind.NUMBER, **options)


def amount(slot: str, currency: str = "$currency", **options: Any) -> Leaf:
    """A UBL amount, with its currency."""
    return Leaf(slot, Kind.NUMBER, {"currencyID": currency}, **options)


def quantity(slot: str, unit: str, **options: Any) -> Leaf:
    """A quantity with its unit of measure."""
    return Leaf(slot, Kind.NUMBER, {"unitCode": unit}, **options)


def identifier(slot: str, **options: Any) -> Leaf:
    """An identifier with its scheme in `schemeID`."""
    return Leaf(f"{slot}.value", Kind.TEXT, {"schemeID": f"{slot}.scheme"}, **options)


def constant(value: str, kind: Kind = Kind.TEXT) -> Leaf:
    """An element that always says the same."""
    return Leaf(None, kind, default=value)


def inside(children: Table, **options: Any) -> Branch:
    """An element that only groups others."""
    return Branch(children, **options)


def one(slot: str, children: Table, **options: Any) -> Branch:
    """An element that is a business group."""
    return Branch(children, slot, **options)


def many(slot: str, children: Table, **options: Any) -> Branch:
    """An element that is a business group and repeats."""
    return Branch(children, slot, many=True, **options)


def each(slot: str, leaf: Leaf, accepts: Callable[[Any], bool] | None = None) -> Each:
    """An element that repeats, each with one value."""
    return Each(slot, leaf, accepts)


def choice(select: Callable[[etree._Element, Any], str], cases: Mapping[str, Node]) -> Choice:
    """An element that means one thing or another."""
    return Choice(select, cases)


def child_text(path: str, spelled: Callable[[str], str] = str.strip) -> Callable[[etree._Element, Any], str]:
    """Selects by the text of a descendant; '' where it is absent."""
    steps = [full(step) for step in path.split("/")]

    def select(element: etree._Element, _: Any) -> str:
        for step in steps:  # three times as fast as find
            found = next(element.iterchildren(step), None)
            if found is None:
                return ""
            element = found
        return spelled("".join(element.itertext()) if len(element) else element.text or "")

    return select


def shout(text: str) -> str:
    """Without outer white space, in capitals."""
    return text.strip().upper()
