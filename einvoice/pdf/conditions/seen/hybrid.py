"""The invoice in a hybrid, and what the metadata claim of it (Factur-X 1.0 / ZUGFeRD 2, section 6.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from einvoice.errors import DocumentError
from einvoice.formats import guard
from einvoice.pdf import levels
from einvoice.pdf.conditions.seen import files
from einvoice.pdf.conditions.seen.files import Specification
from einvoice.pdf.conditions.seen.streams import Streams
from einvoice.pdf.conditions.seen.values import Object, at, dictionaries, identity, name, string
from einvoice.pdf.conditions.seen.xmp import Packet
from einvoice.pdf.levels import Level, Standard

_ORDERS = levels.STANDARDS[-1]
_INVOICES = tuple(each for each in levels.STANDARDS if each is not _ORDERS)
_NAMES = {filename.lower(): each for each in _INVOICES for filename in each.filenames}
_CII = frozenset({"CrossIndustryInvoice", "CrossIndustryDocument"})
_LONGEST = 20_000_000


class Claim(NamedTuple):
    """What the properties of a standard in the metadata say, as they are spelled."""

    standard: Standard
    namespace: str
    said: dict[str, str]
    place: str


@dataclass(frozen=True)
class Invoice:
    """An attached file that is an invoice, or is named as one; `claim` is what the metadata say of it, None where they say nothing."""

    specification: Object
    stream: Object
    filename: str
    root: Any
    associated: bool
    claim: Claim | None
    place: str

    @property
    def standard(self) -> Standard | None:
        """The standard that it follows: that of the metadata, else that of its name."""
        return self.claim.standard if self.claim else _NAMES.get(self.filename.lower())

    @property
    def relationship(self) -> str | None:
        """Its AFRelationship."""
        return name(self.specification.get("/AFRelationship"))

    @cached_property
    def level(self) -> Level | None:
        """The level of the specification that the XML names (BT-24)."""
        stated = self._texts("GuidelineSpecifiedDocumentContextParameter", "ID")
        found = levels.of_specification(stated[0]) if stated else None
        if found is None or self.standard is None:
            return found
        return levels.by_name(found.name, self.standard) or found

    @cached_property
    def country(self) -> str | None:
        """The country of the seller (BT-40)."""
        stated = self._texts("SellerTradeParty", "PostalTradeAddress", "CountryID")
        return stated[0] if stated else None

    @property
    def is_cii(self) -> bool:
        """Whether it is XML of UN/CEFACT."""
        return self.root is not None and self.root.tag.rpartition("}")[2] in _CII

    def _texts(self, *path: str) -> list[str]:
        if self.root is None:
            return []
        steps = "/".join(f"{{*}}{step}" for step in path)
        return [(each.text or "").strip() for each in self.root.iterfind(f".//{steps}")]


def claims(packets: Iterable[Packet]) -> Iterator[Claim]:
    """The claims of the document's metadata."""
    known = {each.namespace.rstrip("#").lower(): each for each in levels.STANDARDS}
    for packet in packets:
        said: dict[str, dict[str, str]] = {}
        for node in packet.properties or ():
            if node.namespace.rstrip("#").lower() in known:
                said.setdefault(node.namespace, {})[node.name] = node.value.strip()
        for namespace, found in said.items():
            yield Claim(known[namespace.rstrip("#").lower()], namespace, found, packet.place)


def invoices(root: Object, specifications: Iterable[Specification], claimed: Iterable[Claim], streams: Streams) -> Iterator[Invoice]:
    """The files that are named as invoices, or where there are none those that are invoices by their outermost element."""
    linked = {identity(each) for each in dictionaries(root.get("/AF"))}
    claim = next((each for each in claimed if each.standard is not _ORDERS), None)
    made = []
    for each in specifications:
        for embedded in list(files.embedded(each))[:1]:
            filename, held = _filename(each.dictionary), embedded.dictionary
            tree = _tree(streams.read(held)) if _is_candidate(filename, held) else None
            associated = identity(each.dictionary) in linked
            made.append(Invoice(each.dictionary, held, filename, tree, associated, claim, each.place))
    named = [each for each in made if each.filename.lower() in _NAMES]
    yield from named or [each for each in made if each.is_cii]


def _is_candidate(filename: str, stream: Object) -> bool:
    return filename.lower().endswith(".xml") or "xml" in (name(stream.get("/Subtype")) or "").lower()


def _filename(specification: Object) -> str:
    for key in ("/UF", "/F"):
        if string(specification.get(key)) is not None:
            return str(specification.get(key))
    return ""


def _tree(data: bytes | None) -> Any:
    try:
        return None if data is None else guard.tree(data, _LONGEST)
    except DocumentError:
        return None


def dated(invoice: Invoice) -> bool:
    """Whether the file says when it was changed last."""
    return string(at(invoice.stream, "/Params", "/ModDate")) is not None
