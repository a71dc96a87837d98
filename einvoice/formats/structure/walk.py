"""The walk: it decides, and says what is wrong, where, and what mends it."""

from __future__ import annotations

from lxml import etree

from einvoice.formats.structure.arrangement import Arrangement
from einvoice.formats.structure.fast import Fast
from einvoice.formats.structure.lexical import BLANK, BUILT_IN, Lexical, collapse
from einvoice.formats.structure.table import ANYTHING, LOCATIONS, XSI, Attribute, Kind, Type
from einvoice.formats.structure.where import Where, at, elements
from einvoice.report import Finding, Severity

WIDE = 100
XSD = "http://www.w3.org/2001/XMLSchema"
PADDED = "the standard drops the white space around it, but a receiver whose check is built on libxml2 refuses the file: remove it"


class Walk:
    """One walk over a document, with the findings so far."""

    def __init__(self, fast: Fast, root: etree._Element) -> None:
        self.fast = fast
        self.table = fast.table
        self.where = Where(fast.table, root)
        self.arrangement = Arrangement(self.where, fast.document, self.tell)
        self.identifiers: dict[str, etree._Element] = {}
        self.findings: list[Finding] = []

    def run(self, made: Type) -> tuple[Finding, ...]:
        """The findings for the whole document, in the order of their lines.

        What the fast pass lets through is left out, so that a fault costs little more than the branch it is in.
        """
        todo = [(self.where.root, made)]
        while todo:
            element, made = todo.pop()
            suspects = [child for child in self.element(element, made) if not self._passes(*child)]
            todo.extend(reversed(suspects))
        return tuple(sorted(self.findings, key=lambda finding: finding.line or 0))

    def _passes(self, element: etree._Element, made: Type) -> bool:
        """Whether the fast pass lets a branch through; it is not asked of a leaf, nor of a wide element, whose children are."""
        return 0 < len(element) <= WIDE and self.fast.valid(element, made)

    def tell(self, rule: str, element: etree._Element, text: str, *, value: str | None = None, attribute: str = "") -> None:
        """Note a fatal finding."""
        self._note(rule, Severity.FATAL, element, text, value, attribute)

    def warn(self, rule: str, element: etree._Element, text: str, *, value: str | None = None, attribute: str = "") -> None:
        """Note a warning."""
        self._note(rule, Severity.WARNING, element, text, value, attribute)

    def _note(self, rule: str, severity: Severity, element: etree._Element, text: str, value: str | None, attribute: str) -> None:
        path = self.where.path(element) + (f"/@{attribute}" if attribute else "")
        self.findings.append(Finding(rule, severity, text, xpath=path, line=element.sourceline, value=value))

    def element(self, element: etree._Element, made: Type) -> list[tuple[etree._Element, Type]]:
        """Judge one element; its children with their types, to be judged next."""
        made = self._retyped(element, made)
        self._attributes(element, made)
        if any(child.tag is etree.Entity for child in element):
            self.tell("structure-entity", element, f"{self.where.name(element)} holds an entity reference: write what it stands for")
        if made.kind is Kind.VALUE:
            self._value(element, made)
            return []
        if made.kind in (Kind.CHILDREN, Kind.EMPTY):
            self._text(element, BLANK if made.kind is Kind.CHILDREN else "")
        return self.arrangement.judge(element, made)

    def _value(self, element: etree._Element, made: Type) -> None:
        """An element that holds a value: no elements, and a text of its type."""
        name = self.where.name(element)
        for child in elements(element)[:1]:
            text = f"{name} holds {made.value.wanted} and no elements: remove {self.where.name(child)} from it"
            self.tell("structure-unexpected", child, text)
        self._simple(element, made.value, text_of(element), name)

    def _simple(self, element: etree._Element, wanted: Lexical, text: str, name: str, attribute: str = "") -> None:
        """The value of an element or attribute, called `name` in the message."""
        if wanted.holds and not wanted.holds(text):
            said = f'{name} is "{shortened(text)}"' if text.strip(BLANK) else f"{name} is empty"
            self.tell("structure-value", element, f"{said}; it must be {wanted.wanted}", value=shortened(text), attribute=attribute)
        elif wanted.padded(text):
            self.warn("structure-padding", element, f'{name} is "{shortened(text)}": {PADDED}', value=text, attribute=attribute)
        elif wanted.unique:
            first = self.identifiers.setdefault(collapse(text), element)
            if first is not element:
                said = f'{name} is "{shortened(text)}", which is used already{at(first)}: give each its own'
                self.tell("structure-value", element, said, value=shortened(text), attribute=attribute)

    def _text(self, element: etree._Element, allowed: str) -> None:
        """No text but of allowed characters may stand between elements."""
        for text, after in ((element.text, None), *((child.tail, child) for child in element)):
            if text and text.strip(allowed):
                place = f" after {self.where.name(after)}{at(after)}" if after is not None and isinstance(after.tag, str) else ""
                said = f'the text "{shortened(text)}"{place} is not allowed in {self.where.name(element)}, which holds elements: remove it'
                self.tell("structure-text", element, said, value=shortened(text))
                return

    def _attributes(self, element: etree._Element, made: Type) -> None:
        present = dict(element.items())
        for name, text in present.items():
            declared = made.attributes.get(name)
            if declared is not None:
                self._declared(element, declared, name, text)
            elif name.startswith(XSI):
                self._instance(element, made, name)
            elif not made.any_attribute:
                self._unknown(element, made, name)
        for name in made.required:
            if name not in present:
                said = f'{self.where.name(element)} lacks the attribute {name}: add {name}="…"'
                self.tell("structure-attribute", element, said, attribute=name)

    def _declared(self, element: etree._Element, declared: Attribute, name: str, text: str) -> None:
        """An attribute that the type has."""
        said = f"the attribute {name} of {self.where.name(element)}"
        self._simple(element, declared.value, text, said, name)
        if declared.fixed is not None and collapse(text) != declared.fixed:
            said = f'{said} is "{shortened(text)}"; it must be "{declared.fixed}" or left out'
            self.tell("structure-value", element, said, value=shortened(text), attribute=name)

    def _instance(self, element: etree._Element, made: Type, name: str) -> None:
        """An attribute of the namespace xsi; xsi:type was seen to before."""
        if name == f"{XSI}nil" and made.kind is not Kind.ANYTHING:
            text = f"{self.where.name(element)} must not have xsi:nil: nothing in this document may be nil; remove the attribute"
            self.tell("structure-nil", element, text)
        elif name not in LOCATIONS and name not in (f"{XSI}nil", f"{XSI}type") and not made.any_attribute:
            self._unknown(element, made, name)

    def _unknown(self, element: etree._Element, made: Type, name: str) -> None:
        """An attribute that the type does not have."""
        from difflib import get_close_matches  # noqa: PLC0415 - only a mistake pays for it

        close = get_close_matches(name[:80], made.attributes, 1)
        known = f"it takes {', '.join(made.attributes)}" if made.attributes else "it takes none"
        mend = f"did you mean {close[0]}?" if close else f"remove it; {known}"
        said = f"{self.where.name(element)} has no attribute {name.replace(XSI, 'xsi:')}: {mend}"
        self.tell("structure-attribute", element, said, value=shortened(element.get(name)))

    def _retyped(self, element: etree._Element, made: Type) -> Type:
        """The type that xsi:type asks for; it must be the element's own, or any known one where the element is not declared."""
        asked = element.get(f"{XSI}type")
        if asked is None:
            return made
        prefix, _, local = collapse(asked).rpartition(":")
        uri = element.nsmap.get(prefix or None)
        name = local if uri == XSD else self.table.short(f"{{{uri}}}{local}")
        known = name in BUILT_IN if uri == XSD else any(name in part["types"] for part in self.table.parts)
        if made is ANYTHING and known:
            return self.table.type(name)
        if name != made.name:
            said = f'{self.where.name(element)} has xsi:type="{shortened(asked)}", which is not its type: remove the attribute'
            self.tell("structure-xsi-type", element, said, value=shortened(asked))
        return made


def text_of(element: etree._Element) -> str:
    """The text of an element, without what stands in its children; comments do not divide it."""
    return (element.text or "") + "".join(child.tail or "" for child in element) if len(element) else element.text or ""


def shortened(text: str) -> str:
    """A value as a message shows it."""
    text = collapse(text[:400])
    return text if len(text) <= 60 else f"{text[:60]}…"
