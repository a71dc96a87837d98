"""The binding made ready for writing: for each element, in the order of the structure, where its value is and how it is spelled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property, partial
from typing import Any

from einvoice.formats import cii, excerpt, ubl
from einvoice.formats.binding import TOKENS, Branch, Choice, Each, Kind, Leaf, Node, Table
from einvoice.formats.structure.order import children
from einvoice.formats.syntax import Document
from einvoice.model.invoice import Invoice

_special = re.compile("[&<>\r]").search
_special_in_attribute = re.compile('[&<>"\r\n\t]').search
_to_2475 = {"3": "5", "35": "29", "432": "72"}


def escaped(text: str) -> str:
    """Text as XML character data."""
    if not _special(text):
        return text
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def quoted(text: str) -> str:
    """Text as an XML attribute value."""
    if not _special_in_attribute(text):
        return text
    return escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def _decimal(value: Any) -> str:
    text = str(value)
    return format(value, "f") if "E" in text else text


SPELL: Mapping[Kind, Callable[[Any], str]] = {
    Kind.TEXT: escaped,
    Kind.NOTE: escaped,
    Kind.BINARY: str,
    Kind.NUMBER: _decimal,
    Kind.DATE: lambda day: day.isoformat(),
    Kind.DATE_102: lambda day: day.isoformat().replace("-", ""),
    Kind.FLAG: str,
    Kind.TAX_POINT: lambda code: _to_2475.get(code, code),
}


class Context:
    """One document being written: its parts so far, and what every amount needs to know."""

    __slots__ = ("first", "invoice", "money", "out", "tokens")

    def __init__(self, invoice: Invoice) -> None:
        self.invoice = invoice
        self.out: list[str] = []
        self.first = True
        self.tokens = {token: quoted(getattr(invoice, slot) or "") for token, slot in TOKENS.items()}
        self.money = f' currencyID="{self.tokens["$currency"]}">'


def getter(slot: str) -> Callable[[Any], Any]:
    """Reads a slot from a group; None where anything on the way is absent."""
    *way, key = slot.split(".")
    if not way:
        return lambda group: getattr(group, key, None)
    if len(way) == 1:
        (first,) = way
        return lambda group: None if (inner := getattr(group, first, None)) is None else getattr(inner, key)

    def get(group: Any) -> Any:
        for step in slot.split("."):
            if group is None:
                return None
            group = getattr(group, step)
        return group

    return get


class Value:
    """Writes one value: an element with text, and its attributes."""

    __slots__ = (
        "absolute",
        "accepts",
        "attributes",
        "close",
        "default",
        "everywhere",
        "filler",
        "get",
        "money",
        "open",
        "plain",
        "spell",
        "strong",
    )

    def __init__(self, name: str, node: Leaf) -> None:
        slot = node.slot or ""
        self.absolute = slot.startswith("/")
        self.get = _note if node.kind is Kind.NOTE else getter(slot.lstrip("/")) if slot else None
        self.spell = SPELL[node.kind]
        self.open, self.close = f"<{name}", f"</{name}>"
        self.attributes = [_attribute(attribute, value) for attribute, value in node.attributes.items()]
        self.accepts = node.accepts
        self.everywhere = node.everywhere
        self.strong = not node.weak
        self.filler = _filled(name, node)
        self.default = escaped(node.default or "")
        self.plain = not self.attributes and self.accepts is None
        self.money = self.accepts is None and dict(node.attributes) == {"currencyID": "$currency"}

    def write(self, group: Any, context: Context) -> bool:
        """Writes the element where it has something to say; True where that is more than a constant."""
        if self.absolute:
            if not (context.first or self.everywhere):
                return False
            group = context.invoice
        value = self.get(group) if self.get is not None else None
        if value is None and (self.plain or self.money):
            if self.filler is not None:
                context.out.append(self.filler)
            return False
        if self.plain:
            context.out.append(f"{self.open}>{self.spell(value)}{self.close}")
            return self.strong
        if self.money:
            context.out.append(f"{self.open}{context.money}{self.spell(value)}{self.close}")
            return self.strong
        return self.with_attributes(group, value, context)

    def with_attributes(self, group: Any, value: Any, context: Context) -> bool:
        if value is not None and self.accepts is not None and not self.accepts(group):
            return False
        attributes, said = "", value is not None
        for open_attribute, token, get, absolute in self.attributes:
            if get is not None:
                text = get(context.invoice if absolute else group)
                if absolute and not context.first:  # it stands in the first, as an attribute that occurs once
                    said = said or text is not None
                    continue
                if text is None or (value is None and self.accepts is not None):
                    continue
                said = True
                text = quoted(text)
            elif value is None:
                continue
            else:
                text = context.tokens.get(token, token)
            attributes += f'{open_attribute}{text}"'
        if not said:
            if self.filler is not None:
                context.out.append(self.filler)
            return False
        text = self.default if value is None else self.spell(value)
        context.out.append(f"{self.open}{attributes}>{text}{self.close}")
        return self.strong


def _filled(name: str, node: Leaf) -> str | None:
    """The whole element as it stands where the invoice is silent; None where it is left out then."""
    text = node.default if node.filler is None else node.filler
    if text is None:
        return None
    attributes = "".join(f' {key}="{quoted(value)}"' for key, value in node.filler_attributes.items())
    return f"<{name}{attributes}>{escaped(text)}</{name}>"


def _note(note: Any) -> str | None:
    """UBL's spelling of a note with its subject code."""
    if note.subject_code is None:
        return note.text  # type: ignore[no-any-return]
    return f"#{note.subject_code}#{note.text or ''}"


def _attribute(name: str, value: str) -> tuple[str, str, Callable[[Any], Any] | None, bool]:
    if value[0] == "=":
        return f' {name}="', value[1:], None, False
    if value[0] == "$":
        return f' {name}="', value, None, False
    return f' {name}="', "", getter(value.lstrip("/")), value[0] == "/"


class Sequence:
    """The children of an element, each in its place; made ready when they are first met, so that lines may hold lines."""

    def __init__(self, make: Callable[[], list[Any]]) -> None:
        self.make = make

    @cached_property
    def steps(self) -> list[Any]:
        return self.make()

    def write(self, group: Any, context: Context) -> None:
        """Writes them all."""
        for step in self.steps:
            step.write(group, context)


class Element:
    """Writes an element with elements inside: where they say something, and where the structure requires it."""

    __slots__ = ("absolute", "close", "content", "gathers", "get", "items", "many", "open", "required", "when")

    def __init__(self, name: str, node: Branch, content: Sequence, required: bool) -> None:
        slot = node.slot or ""
        self.absolute = slot.startswith("/")
        self.get = getter(slot.lstrip("/")) if slot else None
        self.many = node.many
        self.gathers = node.many and gathers(node.children)
        self.items: Callable[[Any], Iterable[Any]] | None = node.items
        self.when = node.when
        self.content = content
        self.required = required and not node.many
        self.open, self.close = f"<{name}>", f"</{name}>"

    def write(self, group: Any, context: Context) -> bool:
        """Writes the element or elements; True where they say something."""
        if self.when is not None and not self.when(context.invoice):
            return False
        if self.get is None:
            return self.element(group, context, self.required)
        if self.absolute:
            if not context.first:
                return False
            group = context.invoice
        inner = self.get(group)
        if self.many:
            return self.elements(self.items(group) if self.items else inner or (), context)
        if inner is None:
            return self.element(EMPTY, context, self.required)
        return self.element(inner, context, self.required)

    def element(self, group: Any, context: Context, keep: bool) -> bool:
        """Writes one element, and takes it back where it says nothing and need not be kept."""
        out = context.out
        start = len(out)
        out.append(self.open)
        said = False
        for step in self.content.steps:
            if step.write(group, context):
                said = True
        if said or keep:
            out.append(self.close)
        else:
            del out[start:]
        return said

    def elements(self, groups: Iterable[Any], context: Context) -> bool:
        """One element for each group; what stands in them from elsewhere goes into the first, or into one of its own."""
        outer, context.first = context.first, True
        written = False
        for group in groups:
            self.element(group, context, True)
            context.first = False
            written = True
        if not written and self.gathers:
            written = self.element(EMPTY, context, False)
        context.first = outer
        return written


class _Empty:
    """A group that says nothing."""

    __slots__ = ()

    def __getattr__(self, name: str) -> None:
        return None


EMPTY = _Empty()


class Items:
    """Writes one element for each small group whose value stands in the element itself."""

    __slots__ = ("accepts", "get", "value")

    def __init__(self, name: str, node: Each) -> None:
        self.get = getter(node.slot)
        self.accepts = node.accepts
        self.value = Value(name, node.leaf)

    def write(self, group: Any, context: Context) -> bool:
        said = False
        for item in self.get(group) or ():
            if self.accepts is None or self.accepts(item):
                said = self.value.write(item, context) or said
        return said


def gathers(table: Table) -> bool:
    """Whether values from elsewhere in the invoice (absolute slots) stand in this element."""
    return any(
        (node.slot or "").startswith("/") or (isinstance(node, Branch) and not node.many and gathers(node.children))
        for node in table.values()
        if isinstance(node, Leaf | Branch)
    )


@cache
def compiled(document: Document, profile: str | None = None) -> Sequence:
    """The whole document's steps; those of a level of Factur-X, where the profile is one."""
    if document is Document.CII and excerpt.is_level(profile):
        return Compiler(partial(excerpt.children, profile)).sequence(excerpt.table(profile), (), "")
    table = cii.table() if document is Document.CII else ubl.table(document)
    return Compiler(partial(children, document)).sequence(table, (), "")


class Compiler:
    """Turns the tables of one document type into steps; a table that was met under the same element is not turned twice.

    `children` gives what may stand at a path, in order, and whether it is required.
    """

    def __init__(self, children: Callable[[tuple[str, ...]], list[tuple[str, bool]]]) -> None:
        self.children = children
        self.known: dict[tuple[int, str], Sequence] = {}

    def sequence(self, table: Table, path: tuple[str, ...], name: str) -> Sequence:
        key = (id(table), name)
        if key not in self.known:
            self.known[key] = Sequence(lambda: self.ordered(table, path))
        return self.known[key]

    def ordered(self, table: Table, path: tuple[str, ...]) -> list[Any]:
        required = dict(self.children(path))
        position = {name: place for place, name in enumerate(required)}
        names = sorted(table, key=lambda name: position[name])
        return [step for name in names for step in self.steps(name, table[name], path, required[name])]

    def steps(self, name: str, node: Node, path: tuple[str, ...], required: bool) -> list[Any]:
        if isinstance(node, Leaf):
            return [Value(name, node)]
        if isinstance(node, Each):
            return [Items(name, node)]
        if isinstance(node, Choice):
            return [step for case in node.cases.values() for step in self.steps(name, case, path, False)]
        kept = required or all(isinstance(child, Leaf) and child.slot is None for child in node.children.values())
        return [Element(name, node, self.sequence(node.children, (*path, name), name), kept)]
