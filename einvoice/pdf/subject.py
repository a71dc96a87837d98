"""The invoice that goes into a PDF: its XML, the level of Factur-X that it is of, and what the PDF says of it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import BinaryIO, NamedTuple

from lxml import etree

from einvoice import settings
from einvoice.conversion import Converted, convert
from einvoice.errors import DocumentError, SettingsError, Unwritable
from einvoice.formats import guard
from einvoice.formats.syntax import NAMESPACES, Document, Syntax
from einvoice.model import Invoice
from einvoice.model.invoice import CREDIT_NOTE_CODES
from einvoice.pdf.levels import LEVELS, Level, by_name, by_profile, of_specification
from einvoice.pdf.xmp import Facts

_ALSO = {"en16931": "facturx-en16931", "xrechnung-extension": "xrechnung", "xrechnung-cvd": "xrechnung"}
_DAY = re.compile(r"\s*(\d{4})-?(\d\d)-?(\d\d)\s*")
_CONTEXT = "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"
_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_DOCUMENT = "rsm:ExchangedDocument"


class Subject(NamedTuple):
    """The invoice in the PDF; `country` is the recipient's (BT-55) and `day` its date (BT-2) as ISO 8601 with time, at midnight UTC."""

    data: bytes
    level: Level
    number: str
    kind: str
    seller: str
    buyer: str
    country: str | None
    day: str

    @property
    def title(self) -> str:
        """What it is, and its number (BT-1)."""
        return f"{self.kind} {self.number}".strip()

    def facts(self) -> Facts:
        """What the metadata say of it."""
        parties = "".join((f" from {self.seller}" if self.seller else "", f" to {self.buyer}" if self.buyer else ""))
        subject = f"{self.title} of {self.day[:10]}{parties}"
        title = f"{self.title}, {self.seller}" if self.seller else self.title
        return Facts(self.level.filename, self.level.name, self.level.version, self.number, title, self.seller, subject, self.day)


def subject(invoice: Invoice | bytes | Path | BinaryIO, profile: str | None, max_size: int | None = None) -> Subject:
    """The invoice as it goes into the PDF.

    Raises Unwritable, SettingsError for a profile without a level, DocumentError for XML that is not of the level or not CII, and what
    `read` raises.
    """
    if isinstance(invoice, Invoice):
        made, wanted = written(invoice, profile)
        return _of(_complete(made, wanted), wanted, None)
    limit = settings.current().documents.max_size if max_size is None else max_size
    data = guard.loaded(invoice, limit)
    parsed = guard.parse(data, name=guard.label(invoice), max_size=limit)
    try:
        return _of(data, _level(_checked(parsed), profile), parsed.root)
    except DocumentError as fault:
        raise fault.within(parsed.source) from None


def level(profile: str) -> Level:
    """The level of a profile, by its name here or as the standard spells it. Raises SettingsError where there is none."""
    found = by_profile(_ALSO.get(profile, profile)) or by_name(profile)
    if found is None:
        raise SettingsError(f"Factur-X has no level for {profile!r}; it has {_listed()}")
    return found


def _listed() -> str:
    return ", ".join(level.profile for level in LEVELS)


def is_of(root: etree._Element, profile: str) -> bool:
    """Whether CII names the level of a profile (BT-24). Raises SettingsError where it has none."""
    found = of_specification(_text(root, _CONTEXT))
    return found is not None and found.profile == level(profile).profile


def written(invoice: Invoice, profile: str | None) -> tuple[Converted, Level]:
    """The XML of an invoice under the level that is asked for, or that it names itself, EN 16931 where it names none; and its losses.

    Raises SettingsError for a profile without a level, DocumentError where the invoice names a specification without one.
    """
    stated = invoice.process.specification_identifier if invoice.process else None
    wanted = level(profile) if profile else of_specification(stated) if stated else level("facturx-en16931")
    if wanted is None:
        raise DocumentError(f"Factur-X has no level for the specification {stated} (BT-24)", mend=f"name a profile: {_listed()}")
    under = profile if profile in _ALSO else wanted.profile
    return convert(invoice, Syntax.CII, profile=None if profile is None and wanted.profile == "xrechnung" else under), wanted


def _complete(made: Converted, wanted: Level) -> bytes:
    """Raises Unwritable where the level cannot hold what the invoice says, unless it is an excerpt."""
    if made.losses and not wanted.is_excerpt:
        few = ", ".join(loss.term or loss.path for loss in made.losses[:5]) + (", …" if len(made.losses) > 5 else "")
        mend = "choose a level that has it, such as facturx-extended, or convert the invoice first and look at what is lost"
        raise Unwritable(f"{wanted.name} cannot hold what the invoice says: {few}", made.losses, mend=mend)
    return made.data


def _checked(parsed: guard.Parsed) -> guard.Parsed:
    """Raises DocumentError for what is not CII alone."""
    if parsed.wrapped:
        raise DocumentError(f"the invoice is in an envelope ({parsed.wrapped})", mend="take it out: a PDF carries the invoice alone")
    if parsed.document is not Document.CII:
        raise DocumentError("the invoice is UBL, and Factur-X is CII", mend="convert it to CII: `einvoice convert FILE --to cii`")
    return parsed


def _level(parsed: guard.Parsed, profile: str | None) -> Level:
    """The level that BT-24 names. Raises DocumentError where that is none, or not the one that is asked for."""
    stated = _text(parsed.root, _CONTEXT)
    found = of_specification(stated)
    if profile is None:
        if found is None:
            mend = f"name one of {_listed()} by BT-24: `einvoice convert FILE --to cii --profile NAME`"
            raise DocumentError(f"Factur-X has no level for the specification {stated or '(none)'} (BT-24)", mend=mend)
        return found
    wanted = level(profile)
    if found is None or not is_of(parsed.root, profile):
        mend = f"name the profile that it is of, or convert it: `einvoice convert FILE --to cii --profile {wanted.profile}`"
        raise DocumentError(f"the XML is not of level {wanted.name}: BT-24 is {stated or 'absent'}", mend=mend)
    return found


def _of(data: bytes, level: Level, root: etree._Element | None) -> Subject:
    tree = guard.parse(data, max_size=len(data)).root if root is None else root
    number = _text(tree, f"{_DOCUMENT}/ram:ID")
    kind = "Credit note" if _text(tree, f"{_DOCUMENT}/ram:TypeCode") in CREDIT_NOTE_CODES else "Invoice"
    seller, buyer = (_text(tree, f"{_AGREEMENT}/ram:{party}TradeParty/ram:Name") for party in ("Seller", "Buyer"))
    country = _text(tree, f"{_AGREEMENT}/ram:BuyerTradeParty/ram:PostalTradeAddress/ram:CountryID") or None
    return Subject(data, level, number, kind, seller, buyer, country, _day(tree))


def _day(tree: etree._Element) -> str:
    stated = _text(tree, f"{_DOCUMENT}/ram:IssueDateTime/udt:DateTimeString")
    found = _DAY.fullmatch(stated)
    try:
        return f"{date(*map(int, found.groups())).isoformat()}T00:00:00Z" if found else _no_day(stated)
    except ValueError:
        return _no_day(stated)


def _no_day(stated: str) -> str:
    raise DocumentError(f"the invoice has no date of issue (BT-2): {stated or 'absent'}", mend="date it: the PDF is of that day")


def _text(tree: etree._Element, path: str) -> str:
    return " ".join((tree.findtext(path, "", NAMESPACES) or "").split())
