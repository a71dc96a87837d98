"""Facts: one walk over a document that finds every business term it states, and everything else it holds.

The walk follows the binding table of the syntax. It gives nested dicts in the shape of the model with converted values,
and a list of what has no place in the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from einvoice.formats.binding import Leaf
from einvoice.formats.location import Locator, short
from einvoice.formats.reading import CHOICE, INSIDE, LEAF, ONE, Facts, Op, Slot, Step, binding
from einvoice.formats.syntax import Document
from einvoice.model.unread import Unread

NO_TERM = "EN 16931 has no business term for it"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
ONCE = "EN 16931 allows it once; the first one is read"


_is_mixed = etree.XPath("boolean(descendant-or-self::*[*]/text()[normalize-space()])")
_all_mixed = etree.XPath("descendant-or-self::*[*]/text()[normalize-space()]")


class Walk:
    """One walk over one document; `facts` and `unread` are what it leaves.

    `trace` maps (id of a dict, key) to the element the value came from; it is kept only where a caller needs to find it again.
    """

    __slots__ = ("currency", "facts", "later", "money", "trace", "unread", "where")

    def __init__(self, root: etree._Element, document: Document, trace: bool = False) -> None:
        table, currency, finish = binding(document)
        self.facts: Facts = {}
        self.unread: list[Unread] = []
        self.where = Locator(root)
        self.trace: dict[tuple[int, str], etree._Element] | None = {} if trace else None
        self.currency = (root.findtext(currency) or "").strip()
        self.money = [("currencyID", self.currency)]
        self.later: list[tuple[Step, etree._Element, Facts]] = []
        self.walk(root, table, self.facts)
        for step, child, target in self.later:
            self.leaf(step, child, target)
        if _is_mixed(root):
            self.mixed(root)
        finish(self)

    def has(self, *path: str) -> bool:
        """Whether the facts hold something there already."""
        found: Any = self.facts
        for step in path:
            if step not in found:
                return False
            found = found[step]
        return True

    def walk(self, element: etree._Element, table: dict[Any, Step], target: Facts) -> None:  # noqa: C901, PLR0912 - the one hot loop
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
        items = child.items()
        if items and not (step.money and items == self.money) and not self.attributes(child, items, step.attributes, target):
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
        for name, text in items:
            slot = bound.get(name)
            value = text.strip()
            if slot is None:
                if not name.startswith(XSI):
                    self.lost(child, value, NO_TERM, name)
            elif isinstance(slot, Slot):
                self.attribute(child, name, value, slot, target)
            elif slot[0] == "=":
                if value.upper() != slot[1:]:
                    return False
            elif slot == "$currency" and value != self.currency:
                self.lost(child, value, f"another currency than the invoice's ({self.currency or 'none'})", name)
        return True

    def attribute(self, child: etree._Element, name: str, value: str, slot: Slot, target: Facts) -> None:
        """Reads one attribute that is a business term, or part of one."""
        home = slot.home(self.facts, target)
        if value and home.setdefault(slot.key, value) != value:
            self.lost(child, value, ONCE, name)
        elif self.trace is not None:
            self.trace[id(home), slot.key] = child

    def text(self, child: etree._Element) -> str:
        """The string value across comments and processing instructions; of an element with elements inside everything is lost."""
        if child.find("*") is not None:
            self.lose(child, NO_TERM)
            return ""
        return "".join([child.text or "", *(inner.tail or "" for inner in child)])

    def mixed(self, root: etree._Element) -> None:
        """Lists text beside elements, which no element of an invoice may hold."""
        known = {(unread.path, unread.value) for unread in self.unread}
        for text in _all_mixed(root):
            element = text.getparent() if text.is_text else text.getparent().getparent()
            if (self.where.path(element), value := text.strip()) not in known:
                self.lost(element, value, NO_TERM)

    def lose(self, element: etree._Element, reason: str) -> None:
        """Lists every value in the element that nothing holds."""
        for inner in element.iter(etree.Element):
            for text in (inner.text, *(part.tail for part in inner)):
                if text and (value := text.strip()):
                    self.lost(inner, value, reason)
            for name, value in inner.items():
                if not name.startswith(XSI):
                    self.lost(inner, value, reason, name)

    def lost(self, element: etree._Element, value: str, reason: str, attribute: str | None = None) -> None:
        """Lists one value that nothing holds."""
        path = self.where.path(element) + (f"/@{short(attribute)}" if attribute else "")
        self.unread.append(Unread(path, value, reason, element.sourceline))
