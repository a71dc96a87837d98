"""Facts: what one walk over a document leaves for the rules to look at, and how a rule set says what it wants to read.

A context (`ruleset.Pattern.context`) names an element and what to read of it:

    LINE = MODEL.context("cac:InvoiceLine | cac:CreditNoteLine", price=number("cac:Price/cbc:PriceAmount"))

Each such element becomes a Fact with those values as attributes; what is absent is MISSING (or an empty tuple, or False).
Paths lead down from the element: `cbc:ID`, `cac:Price/cbc:BaseQuantity/@unitCode`, `.` and `@schemeID` for the element itself,
`.//cbc:Amount` for any depth below it, `a | b` for either. Documents are valid against the schema when rules look at them.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from einvoice_validators.xpath import MISSING

T = TypeVar("T")


class Keep(IntEnum):
    """How a read keeps what it finds."""

    ONE = 0  # the value; Several where there are more; MISSING where there is none
    ALL = 1  # a list, in document order
    SET = 2  # the distinct values
    FLAG = 3  # whether the element or attribute is there
    COUNT = 4  # how many there are
    FACTS = 5  # the facts of the elements, a list


DEFAULTS: dict[Keep, Any] = {Keep.ONE: MISSING, Keep.ALL: (), Keep.SET: frozenset(), Keep.FLAG: False, Keep.COUNT: 0, Keep.FACTS: ()}


class Read(NamedTuple):
    """What to read: a path, how to keep what is there, and what to make of its text."""

    path: str
    keep: Keep
    convert: Callable[[str], Any] | None = None


def text(path: str) -> Read:
    """The string value; MISSING where it is absent, Several where it stands more than once."""
    return Read(path, Keep.ONE)


def texts(path: str) -> Read:
    """Every string value, a list in document order; an empty tuple where there is none."""
    return Read(path, Keep.ALL)


def number(path: str) -> Read:
    """The value as xs:decimal, of an element that the schema makes a decimal; MISSING or Several like `text`."""
    return Read(path, Keep.ONE, Decimal)


def numbers(path: str) -> Read:
    """Every value as xs:decimal, a list in document order."""
    return Read(path, Keep.ALL, Decimal)


def distinct(path: str) -> Read:
    """The set of the string values: cheap where thousands of elements say the same."""
    return Read(path, Keep.SET)


def there(path: str) -> Read:
    """Whether there is such an element or attribute, be it empty."""
    return Read(path, Keep.FLAG)


def count(path: str) -> Read:
    """How many such elements there are."""
    return Read(path, Keep.COUNT)


def facts(path: str) -> Read:
    """The facts of such elements, each with what the contexts of that element read."""
    return Read(path, Keep.FACTS)


class Fact:
    """One element that rules look at: its values as attributes.

    `document` is the fact of the root element, `parent` that of the nearest element above that is a fact, None for the root;
    `index` counts elements, comments and processing instructions in document order, from 0; `name` is the element's own name.
    """

    document: Fact
    parent: Fact
    index: int
    name: str = ""
    path: tuple[str, ...] = ()

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


def derived(work: Callable[[Fact], T]) -> Callable[[Fact], T]:
    """Something worked out from a fact once and remembered with it, such as the supplier's country from the document."""
    key = f"{work.__module__}.{work.__qualname__}"

    def remembered(fact: Fact) -> T:
        try:
            found: T = getattr(fact, key)
        except AttributeError:
            found = work(fact)
            setattr(fact, key, found)
        return found

    remembered.__doc__, remembered.__name__ = work.__doc__, work.__name__
    return remembered
