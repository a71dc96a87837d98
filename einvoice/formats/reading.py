"""The binding made ready for reading: for each element, by its tag, what the walk does there and where the value goes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from einvoice.formats import cii, ubl
from einvoice.formats.binding import Branch, Choice, Each, Kind, Leaf, Node, Table, child_text
from einvoice.formats.syntax import Document, full

if TYPE_CHECKING:
    from lxml import etree

    from einvoice.formats.facts import Walk

Facts = dict[str, Any]
Inside: TypeAlias = "Callable[[Any], Step | None]"

_date = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?").fullmatch
_date_102 = re.compile(r"[0-9]{8}").fullmatch
_tax_point = {"5": "3", "29": "35", "72": "432"}
_flags = {"1": "true", "0": "false"}


def _number(text: str) -> Decimal:
    try:
        if text.strip("0123456789.+-"):  # what else Decimal takes (exponents, NaN, other digits) xs:decimal does not
            raise InvalidOperation
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("not a decimal number (digits with a point, no exponent, no thousands separator)") from None


def _calendar(text: str) -> datetime.date:
    found = _date(text)
    if not found:
        raise ValueError("not a calendar date YYYY-MM-DD")
    return datetime.date.fromisoformat(found[1])


def _calendar_102(text: str) -> datetime.date:
    if not _date_102(text):
        raise ValueError("not a calendar date CCYYMMDD (format 102)")
    return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))


CONVERT: Mapping[Kind, Callable[[str], Any] | None] = {
    Kind.TEXT: None,
    Kind.NOTE: None,
    Kind.BINARY: None,
    Kind.NUMBER: _number,
    Kind.DATE: _calendar,
    Kind.DATE_102: _calendar_102,
    Kind.FLAG: lambda text: _flags.get(text, text),
    Kind.TAX_POINT: lambda text: _tax_point.get(text, text),
}


class Op(IntEnum):
    """What the walk does at an element."""

    LEAF = 0
    INSIDE = 1
    ONE = 2
    MANY = 3
    EACH = 4
    CHOICE = 5
    WEAK = 6


LEAF, INSIDE, ONE, MANY, EACH, CHOICE, WEAK = Op  # looked up once, not at every element


class Slot:
    """A path in the facts: the dict it starts from, the dicts on the way, the key."""

    __slots__ = ("absolute", "key", "way")

    def __init__(self, path: str) -> None:
        self.absolute = path.startswith("/")
        *way, self.key = path.lstrip("/").split(".")
        self.way = tuple(way)

    def home(self, root: Facts, target: Facts) -> Facts:
        """The dict that the key belongs in, made where it is missing."""
        if self.absolute:
            target = root
        for step in self.way:
            inner = target.get(step)
            if inner is None:
                inner = target[step] = {}
            target = inner
        return target


class Step:
    """A node of the binding, ready for the walk; its children are made ready when they are first met."""

    __slots__ = (
        "attributes",
        "cases",
        "convert",
        "dated",
        "default",
        "group",
        "inside",
        "key",
        "leaf",
        "money",
        "node",
        "once",
        "op",
        "plain",
        "select",
        "slot",
    )

    def __init__(self, node: Node) -> None:
        self.node = node
        self.inside: Inside | None = None
        self.slot: Slot | None = None
        self.plain: str | None = None  # the key, where the value stands in the group itself
        self.group: str | None = None  # the group within the group, where it stands in one
        self.key = ""  # none for a constant
        self.once = False
        if isinstance(node, Leaf):
            self._leaf(node)
        elif isinstance(node, Each):
            self.op, self.slot, self.leaf = Op.EACH, Slot(node.slot), Step(node.leaf)
        elif isinstance(node, Choice):
            self.op, self.select = Op.CHOICE, node.select
            self.cases = {key: Step(case) for key, case in node.cases.items()}
        else:
            self._branch(node)

    def _leaf(self, node: Leaf) -> None:
        self.op = Op.WEAK if node.weak else Op.LEAF
        self.convert = CONVERT[node.kind]
        self.default = node.default
        self.dated = node.kind is Kind.DATE
        self.money = dict(node.attributes) == {"currencyID": "$currency"}
        self.attributes = {name: value if value[0] in "=$" else Slot(value) for name, value in node.attributes.items()}
        if node.slot is not None:
            self.slot = Slot(node.slot)
            self.key = self.slot.key
            if not self.slot.absolute and len(self.slot.way) == 1:
                self.group = self.slot.way[0]
            if not self.slot.absolute and not self.slot.way:
                self.plain = self.slot.key

    def _branch(self, node: Branch) -> None:
        self.op = Op.INSIDE if node.slot is None else Op.MANY if node.many else Op.ONE
        self.slot = None if node.slot is None else Slot(node.slot)
        self.once = not node.many and not node.repeats

    def prepared(self) -> Inside:
        """The table of the element's children, made ready now."""
        assert isinstance(self.node, Branch)
        self.inside = steps(self.node.children).get
        return self.inside


_compiled: dict[int, tuple[Table, dict[Any, Step]]] = {}


def steps(table: Table) -> dict[Any, Step]:
    """The table by lxml tag; one for each table, so that lines within lines come to an end."""
    known = _compiled.get(id(table))
    if known is None:
        known = _compiled[id(table)] = (table, {full(name): Step(node) for name, node in table.items()})
    return known[1]


@cache
def binding(document: Document) -> tuple[dict[Any, Step], Callable[[etree._Element, Any], str], Callable[[Walk], None]]:
    """The steps of a document type, where its currency stands, and what puts its facts in the model's shape."""
    if document is Document.CII:
        currency = child_text("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:InvoiceCurrencyCode")
        return steps(cii.table()), currency, cii.finish
    return steps(ubl.table(document)), child_text("cbc:DocumentCurrencyCode"), ubl.finish
