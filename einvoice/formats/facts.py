"""Facts: one walk over a document that finds every business term it states, and everything else it holds.

The walk follows the binding table of the syntax. It gives nested dicts in the shape of the model with converted values,
and a list of what has no place in the model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from einvoice.formats.binding import Leaf
from einvoice.formats.location import Locator, short
from einvoice.formats.reading import CHOICE, EACH, INSIDE, LEAF, MANY, ONE, WEAK, Facts, Inside, Slot, Step, binding
from einvoice.formats.syntax import Document
from einvoice.model.unread import Unread

NO_TERM = "EN 16931 has no business term for it"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
ONCE = "EN 16931 allows it once; the first one is read"


def _ignored(_: Any) -> Step | None:
    """The table of elements whose content is of no concern, or listed already."""
    return None


_all_mixed = etree.XPath("descendant-or-self::*[*]/text()[normalize-space()]")


def _said(text: str | None) -> bool:
    """Whether a text is more than white space."""
    return text is not None and text != "" and not text.isspace()


class Walk:
    """One walk over one document; `facts` and `unread` are what it leaves.

    `line` makes a line of its facts as soon as they are complete, so that the facts of all lines never stand side by side;
    `trace` maps (id of a dict, key) to the element the value came from; it is kept only where a caller needs to find it again.
    """

    __slots__ = ("currency", "facts", "later", "line", "money", "trace", "unread", "where")

    def __init__(
        self, root: etree._Element, document: Document, *, line: Callable[[Facts], Any] | None = None, trace: bool = False
    ) -> None:
        table, currency, finish = binding(document)
        self.facts: Facts = {}
        self.unread: list[Unread] = []
        self.where = Locator(root)
        self.trace: dict[tuple[int, str], etree._Element] | None = {} if trace else None
        self.currency = currency(root, self)
        self.money = [("currencyID", self.currency)]
        self.later: list[tuple[Step, etree._Element, Facts]] = []
        self.line = line
        if items := root.items():
            self.attributes(root, items, {}, self.facts)
        if self.walk(root, table.get):
            self.mixed(root)
        self.close(self.facts.get("lines", []))
        finish(self)

    def has(self, *path: str) -> bool:
        """Whether the facts hold something there already."""
        found: Any = self.facts
        for step in path:
            if step not in found:
                return False
            found = found[step]
        return True

    def walk(self, root: etree._Element, known: Inside) -> bool:
        """Finds what the document states in one flat pass; True where text stands beside elements.

        `left` counts the siblings still to come; what encloses them waits in `above`, with its table, target and the keys seen.
        """
        elements = root.iter()
        next(elements)
        above: list[Any] = []
        left, target, done, loose = len(root), self.facts, set[Any](), _said(root.text)
        for element in elements:
            while not left:
                left, known, target, done = above.pop()
            left -= 1
            if (tail := element.tail) and not tail.isspace() and known is not _ignored:
                loose = True
            step = known(tag := element.tag)
            count = len(element)
            inside: Inside = _ignored
            into = target
            if step is None:
                if known is not _ignored and isinstance(tag, str):
                    self.lose(element, NO_TERM)
            elif (op := step.op) is LEAF:
                self.leaf(step, element, count, target)
            else:
                if (text := element.text) and not text.isspace() and op is not EACH:
                    loose = True
                if op is INSIDE and tag not in done and not element.items():
                    done.add(tag)
                    inside = step.inside or step.prepared()
                else:
                    inside, into = self.branch(step, element, target, done)
            if count:
                above.append((left, known, target, done))
                left, known, target, done = count, inside, into, set()
        return loose

    def branch(self, step: Step, element: etree._Element, target: Facts, done: set[Any]) -> tuple[Inside, Facts]:
        """What to look for inside the element and where to put it; an element that the norm has no place for is lost."""
        key = element.tag
        if step.op is CHOICE:
            key = key, step.select(element, self)
            case = step.cases.get(key[1])
            if case is None:
                self.lose(element, NO_TERM)
                return _ignored, target
            step = case
        if step.once:
            if key in done:
                self.lose(element, ONCE)
                return _ignored, target
            done.add(key)
        return self.enter(step, element, target)

    def enter(self, step: Step, element: etree._Element, target: Facts) -> tuple[Inside, Facts]:
        """What to look for inside the element, and where to put it; values that stand in the element itself are read at once."""
        op, slot = step.op, step.slot
        if op is LEAF:
            self.leaf(step, element, len(element), target)
            return _ignored, target
        if op is WEAK:
            self.later.append((step, element, target))
            return _ignored, target
        if op is EACH:
            group: Facts = {}
            self.leaf(step.leaf, element, len(element), group)
            if group:
                self._members(step, target).append(group)
            return _ignored, target
        if op is MANY:
            members = self._members(step, target)
            if members and members is self.facts.get("lines"):
                self.close(members)
            target = {}
            members.append(target)
        elif op is ONE:
            assert slot is not None
            target = slot.home(self.facts, target).setdefault(slot.key, {})
        if items := element.items():
            self.attributes(element, items, {}, target)
        return step.inside or step.prepared(), target

    def close(self, lines: list[Any]) -> None:
        """The last line has come to its end: what waited is read, and the line itself made of its facts where that is wanted."""
        for step, child, target in self.later:
            self.leaf(step, child, len(child), target)
        self.later.clear()
        if lines and self.line is not None:
            lines[-1] = self.line(lines[-1])

    def _members(self, step: Step, target: Facts) -> list[Facts]:
        """The list that a repeating group belongs in; the model leaves out groups that state nothing."""
        assert step.slot is not None
        members: list[Facts] = step.slot.home(self.facts, target).setdefault(step.slot.key, [])
        return members

    def leaf(self, step: Step, child: etree._Element, count: int, target: Facts) -> None:  # noqa: C901, PLR0912 - hot as well
        """Reads one value and its attributes."""
        text = self.text(child) if count else child.text
        items = child.items()
        if items and not (step.money and items == self.money):
            if len(items) == 1 and isinstance(slot := step.attributes.get(items[0][0]), Slot):
                self.attribute(child, items[0][0], items[0][1], slot, target)
            elif not self.attributes(child, items, step.attributes, target):
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
        key = step.key
        if not key:
            self.lost(child, text, f"always written as {step.default}")
            return
        if step.group is not None:
            home = target.get(step.group)
            if home is None:
                home = target[step.group] = {}
        elif step.plain is not None:
            home = target
        else:
            assert step.slot is not None
            home = step.slot.home(self.facts, target)
        if key in home or self.trace is not None:
            self.put(step, child, home, key, value, text)
        else:
            home[key] = value

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
                self.attribute(child, name, text, slot, target)
            elif slot[0] == "=":
                if value.upper() != slot[1:]:
                    return False
            elif slot == "$currency" and value != self.currency:
                self.lost(child, value, f"another currency than the invoice's ({self.currency or 'none'})", name)
        return True

    def attribute(self, child: etree._Element, name: str, text: str, slot: Slot, target: Facts) -> None:
        """Reads one attribute that is a business term, or part of one."""
        value = text.strip()
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
