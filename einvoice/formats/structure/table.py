"""The structure tables as objects: element types, compiled when first met."""

from __future__ import annotations

from enum import Enum
from functools import cache, cached_property
from typing import Any, NamedTuple

import einvoice_schemas.structure
from einvoice.formats.structure.content import Particle, State, mentioned, parse, states
from einvoice.formats.structure.lexical import Lexical, collapse, simple_type
from einvoice.formats.syntax import Document, Syntax

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
LOCATIONS = frozenset({f"{XSI}schemaLocation", f"{XSI}noNamespaceSchemaLocation"})


class Kind(Enum):
    """What an element may hold."""

    VALUE = "a value"
    CHILDREN = "elements"
    MIXED = "text and elements"
    EMPTY = "nothing"
    ANYTHING = "anything"


MARKS = {"#mixed": Kind.MIXED, "#empty": Kind.EMPTY}


class Attribute(NamedTuple):
    """An attribute of an element type; `fixed` is the only value it may have, where there is one."""

    value: Lexical
    required: bool
    fixed: str | None

    def wrong(self, text: str) -> bool:
        """Whether the text is no value of this attribute."""
        if self.value.holds and not self.value.holds(text):
            return True
        return self.fixed is not None and collapse(text) != self.fixed


class Type:
    """An element type. `leaves` are its possible children in order, with their tag or wildcard and type name; see `State`."""

    __slots__ = ("any_attribute", "attributes", "kind", "leaves", "name", "required", "states", "value")

    def __init__(
        self,
        name: str,
        kind: Kind,
        value: Lexical,
        *,
        any_attribute: bool = False,
        leaves: list[tuple[str, str]] | None = None,
        states: list[State] | None = None,
    ) -> None:
        self.name, self.kind, self.value, self.any_attribute = name, kind, value, any_attribute
        self.attributes: dict[str, Attribute] = {}
        self.required: tuple[str, ...] = ()
        self.leaves: list[tuple[str, str]] = [] if leaves is None else leaves
        self.states: list[State] = [State(-1, accepts=True)] if states is None else states

    @property
    def start(self) -> State:
        """Where the children begin; a type without children may end there at once."""
        return self.states[-1]

    def position(self, tag: str) -> int | None:
        """The (first) place of a tag in the order of children."""
        return next((position for position, (leaf, _) in enumerate(self.leaves) if leaf == tag), None)


ANYTHING = Type("anyType", Kind.ANYTHING, Lexical("anything"), any_attribute=True)


class Table:
    """One structure table: `roots` by document type, the types by name. Get it by `Table.of`."""

    def __init__(self, name: str) -> None:
        self.parts: list[dict[str, Any]] = [einvoice_schemas.structure.load(name)]
        self.version: str = self.parts[0]["version"]
        self.roots: dict[str, str] = self.parts[0]["roots"]
        self.compiled: dict[str, Type] = {ANYTHING.name: ANYTHING}
        self._read_namespaces()

    @staticmethod
    def of(document: Document) -> Table:
        """The table of a document type, read once a process."""
        return _load("cii" if document.syntax is Syntax.CII else "ubl")

    def _read_namespaces(self) -> None:
        self.namespaces: dict[str, str] = {prefix: uri for part in self.parts for prefix, uri in part["namespaces"].items()}
        self.prefixes = {uri: prefix for prefix, uri in self.namespaces.items()}
        self.facets: dict[str, dict[str, Any]] = {key: facet for part in self.parts for key, facet in part["facets"].items()}

    def full(self, name: str) -> str:
        """`cbc:ID` as {namespace}ID."""
        prefix, colon, local = name.partition(":")
        return f"{{{self.namespaces[prefix]}}}{local}" if colon else name

    def short(self, tag: str) -> str:
        """{namespace}ID as `cbc:ID`; a namespace that the table does not know stays."""
        uri, _, local = tag.removeprefix("{").rpartition("}")
        return f"{self.prefixes[uri]}:{local}" if uri in self.prefixes else tag

    def type_of(self, element: str, declared: str | None = None) -> str:
        """The type name of an element: as its parent declares it, else the element's own."""
        return declared or next((part["elements"][element] for part in self.parts if element in part["elements"]), f"{element}Type")

    def model(self, type_name: str) -> tuple[str, dict[str, str]]:
        """The content model of a type as text, and its attributes."""
        part = next((part for part in self.parts if type_name in part["types"]), self.parts[0])
        entry = part["types"].get(type_name, f"={type_name}")
        if isinstance(entry, int):
            entry = part["shapes"][entry]
        return (entry, {}) if isinstance(entry, str) else (entry[0], part["attributes"][entry[1]])

    def particles(self, type_name: str) -> Particle:
        """The children of a type; none for a simple or empty one."""
        model, _ = self.model(type_name)
        return Particle() if model[0] == "=" or model in ("#empty", "#mixed") else parse(model.removeprefix("#mixed "))

    def type(self, name: str) -> Type:
        """The type of that name, compiled when first asked for."""
        found = self.compiled.get(name)
        return found if found is not None else self.compiled.setdefault(name, self._compile(name))

    def _compile(self, name: str) -> Type:
        model, attributes = self.model(name)
        if model[0] == "=":
            made = Type(name, Kind.VALUE, self.simple_type(model[1:]))
        else:
            made = Type(name, MARKS.get(model.partition(" ")[0], Kind.CHILDREN), Lexical("elements"))
            self._compile_children(made)
        made.any_attribute = attributes.get("*", "").startswith("lax")
        made.attributes = {self.full(key): self._attribute(text) for key, text in attributes.items() if key != "*"}
        made.required = tuple(key for key, attribute in made.attributes.items() if attribute.required)
        return made

    def _compile_children(self, made: Type) -> None:
        """Fill in what may follow what, by tag."""
        leaves, made.states = states(self.particles(made.name))
        for leaf in leaves:
            wild = leaf.name[0] == "#"
            made.leaves.append((leaf.name, "") if wild else (self.full(leaf.name), self.type_of(leaf.name, leaf.type)))
        for state in made.states:
            state.moves = {made.leaves[position][0]: position for position in state.follow if made.leaves[position][1]}
            state.wildcards = [position for position in state.follow if not made.leaves[position][1]]

    def _attribute(self, text: str) -> Attribute:
        declared, _, fixed = text.partition("=")
        return Attribute(self.simple_type(declared.rstrip("!")), declared.endswith("!"), fixed if "=" in text else None)

    def simple_type(self, name: str) -> Lexical:
        """A simple type by name; raises KeyError where there is none."""
        return simple_type(name, self.facets)

    def complete(self) -> None:
        """Take in what stands below ext:ExtensionContent only; a table without extensions stays as it is."""
        if len(self.parts) == 1 and self.parts[0]["name"] == "ubl":
            self.parts = [*self.parts, einvoice_schemas.structure.load("ubl-extensions")]
            self._read_namespaces()

    def step(self, made: Type, state: State, tag: str, document: Document) -> tuple[State, Type] | None:
        """The state after a child and the child's type; None where the type does not take that child there."""
        position = state.moves.get(tag)
        if position is not None:
            return made.states[position], self.type(made.leaves[position][1])
        if made.kind is Kind.ANYTHING:
            return state, self.declared(tag, document) or ANYTHING
        for position in state.wildcards:
            found = self._admit(made.leaves[position][0], made.name, tag, document)
            if found is not None:
                return made.states[position], found
        return None

    def _admit(self, wildcard: str, owner: str, tag: str, document: Document) -> Type | None:
        """The type that a wildcard such as `#lax:##other` gives an element, where it lets it through."""
        process, _, namespaces = wildcard.removeprefix("#").partition(":")
        uri = tag.removeprefix("{").rpartition("}")[0]
        if namespaces == "##other" and uri in ("", self.namespaces[owner.partition(":")[0]]):
            return None
        return self.declared(tag, document) or (None if process == "strict" else ANYTHING)

    def declared(self, tag: str, document: Document) -> Type | None:
        """The type of an element that the document's schema declares by itself, so that a wildcard knows it."""
        self._complete()
        name = self.short(tag)
        return self.type(self.type_of(name)) if name == self.roots[document] or name in self._known_to_wildcards else None

    def _complete(self) -> None:
        """Take in what stands below ext:ExtensionContent only; a table without extensions stays as it is."""
        if len(self.parts) == 1 and self.parts[0]["name"] == "ubl":
            self.parts = [*self.parts, einvoice_schemas.structure.load("ubl-extensions")]
            self._read_namespaces()

    @cached_property
    def _known_to_wildcards(self) -> set[str]:
        """The names of the elements that are declared by themselves, but for the roots."""
        names = {name for part in self.parts for owner in part["types"] for name, _ in mentioned(self.model(owner)[0])}
        names |= {name for part in self.parts for name in part.get("apexes", ())}
        return names - {name for part in self.parts for name in part.get("local", ())} - set(self.roots.values())


@cache
def _load(name: str) -> Table:
    return Table(name)
