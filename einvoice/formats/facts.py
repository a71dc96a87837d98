"""Facts: one walk over a document that finds every business term it states, and everything else it holds.

The walk follows the binding table of the syntax. It gives nested dicts in the shape of the model with converted values,
and a list of what has no place in the model.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import IntEnum
from functools import lru_cache
from typing import Any

from lxml import etree

from einvoice.formats import cii, ubl
from einvoice.formats.binding import Branch, Choice, Each, Kind, Leaf, Node, Table
from einvoice.formats.location import short, xpath
from einvoice.formats.syntax import Document, full
from einvoice.model.unread import Unread

NO_TERM = "EN 16931 has no business term for it"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
ONCE = "EN 16931 allows it once; the first one is read"

Facts = dict[str, Any]

_decimal = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)").fullmatch
_date = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?").fullmatch
_date_102 = re.compile(r"[0-9]{8}").fullmatch
_tax_point = {"5": "3", "29": "35", "72": "432"}
_flags = {"1": "true", "0": "false"}


def _number(text: str) -> Decimal:
    if not _decimal(text):
        raise ValueError("not a decimal number (digits with a point, no exponent, no thousands separator)")
    return Decimal(text)


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


LEAF, INSIDE, ONE, CHOICE = Op.LEAF, Op.INSIDE, Op.ONE, Op.CHOICE  # looked up once, not at every element


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

    __slots__ = ("_children", "attributes", "cases", "convert", "dated", "default", "leaf", "money", "node", "once", "op", "plain", "select", "simple", "slot", "weak")

    def __init__(self, node: Node) -> None:
        self.node = node
        self._children: dict[Any, Step] | None = None
        self.slot: Slot | None = None
        self.plain: str | None = None
        self.once = self.simple = False
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
        self.op = Op.LEAF
        self.convert = CONVERT[node.kind]
        self.default = node.default
        self.dated = node.kind is Kind.DATE
        self.money = dict(node.attributes) == {"currencyID": "$currency"}
        self.weak = node.weak
        self.attributes = {name: value if value[0] in "=$" else Slot(value) for name, value in node.attributes.items()}
        if node.slot is not None:
            self.slot = Slot(node.slot)
            if not self.slot.absolute and not self.slot.way:
                self.plain = self.slot.key
                self.simple = not (self.convert or self.attributes or self.weak or self.default)

    def _branch(self, node: Branch) -> None:
        self.op = Op.INSIDE if node.slot is None else Op.MANY if node.many else Op.ONE
        self.slot = None if node.slot is None else Slot(node.slot)
        self.once = not node.many and not node.repeats

    @property
    def children(self) -> dict[Any, Step]:
        if self._children is None:
            assert isinstance(self.node, Branch)
            self._children = steps(self.node.children)
        return self._children


_compiled: dict[int, tuple[Table, dict[Any, Step]]] = {}


def steps(table: Table) -> dict[Any, Step]:
    """The table by lxml tag; one for each table, so that lines within lines come to an end."""
    known = _compiled.get(id(table))
    if known is None:
        known = _compiled[id(table)] = (table, {full(name): Step(node) for name, node in table.items()})
    return known[1]


@lru_cache(maxsize=None)
def binding(document: Document) -> tuple[dict[Any, Step], str, Callable[[Walk], None]]:
    """The steps of a document type, where its currency stands, and what puts its facts in the model's shape."""
    if document is Document.CII:
        path = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:InvoiceCurrencyCode"
        return steps(cii.table()), "/".join(map(full, path.split("/"))), cii.finish
    return steps(ubl.table(document)), full("cbc:DocumentCurrencyCode"), ubl.finish


class Walk:
    """One walk over one document; `facts` and `unread` are what it leaves.

    `trace` maps (id of a dict, key) to the element the value came from; it is kept only where a caller needs to find it again.
    """

    __slots__ = ("currency", "facts", "later", "money", "trace", "unread", "vat_currency")

    def __init__(self, root: etree._Element, document: Document, trace: bool = False) -> None:
        table, currency, finish = binding(document)
        self.facts: Facts = {}
        self.unread: list[Unread] = []
        self.trace: dict[tuple[int, str], etree._Element] | None = {} if trace else None
        self.currency = (root.findtext(currency) or "").strip()
        self.money = [("currencyID", self.currency)]
        self.vat_currency: str | None = None
        self.later: list[tuple[Step, etree._Element, Facts]] = []
        self.walk(root, table, self.facts)
        for step, child, target in self.later:
            self.leaf(step, child, target)
        finish(self)

    def has(self, *path: str) -> bool:
        """Whether the facts hold something there already."""
        found: Any = self.facts
        for step in path:
            if step not in found:
                return False
            found = found[step]
        return True

    def walk(self, element: etree._Element, table: dict[Any, Step], target: Facts) -> None:
        """Finds what the element's children state, into the target."""
        done: set[Any] | None = None
        key: Any
        known = table.get
        if items := element.items():
            self.attributes(element, items, {}, target)
        for child in element:
            step = known(child.tag)
            if step is None:
                if isinstance(child.tag, str):
                    self.lose(child, NO_TERM)
                continue
            if step.simple:
                key = step.plain
                if (text := child.text) and key not in target and not len(child) and not child.items() and (text := text.strip()):
                    target[key] = text
                elif text or len(child) or child.items():
                    self.leaf(step, child, target)
                continue
            if step.op is LEAF and not step.weak:
                self.leaf(step, child, target)
                continue
            key = child.tag
            if step.op is CHOICE:
                key = key, step.select(child, self)
                step = step.cases.get(key[1])
                if step is None:
                    self.lose(child, NO_TERM)
                    continue
            if step.once:
                if done is None:
                    done = {key}
                elif key in done:
                    self.lose(child, ONCE)
                    continue
                else:
                    done.add(key)
            self.branch(step, child, target)

    def branch(self, step: Step, child: etree._Element, target: Facts) -> None:
        """Opens the group that the child is, and walks on in it."""
        op = step.op
        if op is INSIDE:
            self.walk(child, step.children, target)
        elif op is LEAF:
            if step.weak:
                self.later.append((step, child, target))
            else:
                self.leaf(step, child, target)
        elif op is ONE:
            assert step.slot is not None
            self.walk(child, step.children, step.slot.home(self.facts, target).setdefault(step.slot.key, {}))
        else:
            self.open(step, child, target)

    def open(self, step: Step, child: etree._Element, target: Facts) -> None:
        """A new group of a repeating slot; one that states nothing is not kept."""
        assert step.slot is not None
        group: Facts = {}
        if step.op is Op.EACH:
            self.leaf(step.leaf, child, group)
        else:
            self.walk(child, step.children, group)
        if group:
            step.slot.home(self.facts, target).setdefault(step.slot.key, []).append(group)

    def leaf(self, step: Step, child: etree._Element, target: Facts) -> None:
        """Reads one value and its attributes."""
        text = self.text(child) if len(child) else child.text
        if (items := child.items()) and not (step.money and items == self.money):
            if not self.attributes(child, items, step.attributes, target):
                self.lose(child, "its attributes say something else than the norm's format")
                return
        if not text or not (text := text.strip()):
            return
        value: Any = text
        if step.convert is not None:
            try:
                value = step.convert(text)
            except ValueError as error:
                self.lost(child, text, str(error))
                return
            if step.dated and len(text) > 10:
                self.lost(child, text, "a time zone has no place in the norm; the date is read without it")
        if step.default is not None and value == step.default:
            return
        slot = step.slot
        if slot is None:
            self.lost(child, text, f"always written as {step.default}")
            return
        home = target if step.plain is not None else slot.home(self.facts, target)
        if slot.key in home or self.trace is not None:
            self.put(step, child, home, slot.key, value, text)
        else:
            home[slot.key] = value

    def put(self, step: Step, child: etree._Element, home: Facts, key: str, value: Any, text: str) -> None:
        """Keeps the value unless the place is taken."""
        if key in home:
            assert isinstance(step.node, Leaf)
            if not (step.node.repeats and home[key] == value):
                self.lost(child, text, ONCE)
            return
        home[key] = value
        if self.trace is not None:
            self.trace[id(home), key] = child

    def attributes(self, child: etree._Element, items: list[tuple[str, str]], bound: Mapping[str, Any], target: Facts) -> bool:
        """Reads the attributes that are bound; says whether a constant one has the value it must have."""
        for name, value in items:
            slot = bound.get(name)
            value = value.strip()
            if slot is None:
                if not name.startswith(XSI):
                    self.lost(child, value, NO_TERM, name)
            elif isinstance(slot, Slot):
                home = slot.home(self.facts, target)
                if value and home.setdefault(slot.key, value) != value:
                    self.lost(child, value, ONCE, name)
                elif self.trace is not None:
                    self.trace[id(home), slot.key] = child
            elif slot[0] == "=":
                if value.upper() != slot[1:]:
                    return False
            elif slot == "$vat_currency":
                self.vat_currency = value
            elif value != self.currency:
                self.lost(child, value, f"another currency than the invoice's ({self.currency or 'none'})", name)
        return True

    def text(self, child: etree._Element) -> str:
        """The string value across comments and processing instructions; elements inside are lost, one by one."""
        parts = [child.text or ""]
        for inner in child:
            if isinstance(inner.tag, str):
                self.lose(inner, NO_TERM)
            parts.append(inner.tail or "")
        return "".join(parts)

    def lose(self, element: etree._Element, reason: str) -> None:
        """Lists every value in the element that nothing holds."""
        for inner in element.iter(etree.Element):
            text = (inner.text or "") + "".join(part.tail or "" for part in inner)
            if text.strip():
                self.lost(inner, text.strip(), reason)
            for name, value in inner.items():
                if not name.startswith(XSI):
                    self.lost(inner, value, reason, name)

    def lost(self, element: etree._Element, value: str, reason: str, attribute: str | None = None) -> None:
        """Lists one value that nothing holds."""
        path = xpath(element) + (f"/@{short(attribute)}" if attribute else "")
        self.unread.append(Unread(path, value, reason, element.sourceline))

