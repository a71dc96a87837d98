"""What becomes of a published invoice that is read, written, and taken through the other syntax."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from einvoice.formats import structure
from einvoice.formats.guard import parse
from einvoice.formats.losses import losses
from einvoice.formats.reader import read, read_root
from einvoice.formats.syntax import Document, Syntax
from einvoice.formats.writer import document_of, write
from einvoice.model import Invoice
from einvoice.report import Severity
from tests.corpora import Case

OFFICIAL_REMARK = re.compile(r"(UBL-CR|UBL-DT|UBL-SR|CII-SR|CII-DT)-")
NO_LINES = "UBL requires a line, and a MINIMUM or BASIC WL invoice has none"
NO_DATE = "the issue date is no calendar date, which UBL's type requires"
BESIDE_NOTHING = "the scheme beside an empty registration"

# Reasons why a value is unread though no official rule remarks on it, by the end of its path.
KNOWN = {
    "an attribute that names a code list, an agency or a currency": re.compile(r"/@\w+$"),
    "UBL's own version": re.compile(r"/cbc:UBLVersionID$"),
    "a date in a time zone, read without it, or no calendar date": re.compile(r"(Date|DateTimeString)$"),
    "a tax registration other than VAT of the buyer, or of no known scheme": re.compile(
        r"(PartyTaxScheme(\[\d+\])?/(cbc:CompanyID|cac:TaxScheme/cbc:ID)|SpecifiedTaxRegistration(\[\d+\])?/ram:ID)$"
    ),
    "VAT in another spelling": re.compile(r"TaxScheme/cbc:ID$"),
    "the base quantity of the gross price beside another of the net price": re.compile(r"GrossPriceProductTradePrice/ram:BasisQuantity$"),
    "a charge on a price": re.compile(r"cac:Price/cac:AllowanceCharge/|AppliedTradeAllowanceCharge/"),
    "the scheme of an identifier that says nothing": re.compile(r"cac:PartyIdentification/cbc:ID$"),
    "the project's name beside its reference": re.compile(r"SpecifiedProcuringProject/ram:Name$"),
}


@dataclass(slots=True)
class Journey:
    """One invoice's way: values not kept and not listed, documents that are not structure-valid, values unread without a remark."""

    leaves: int = 0
    unread: int = 0
    listed: int = 0
    same: Counter[str] = field(default_factory=Counter)
    cross: Counter[str] = field(default_factory=Counter)
    invalid: list[str] = field(default_factory=list)
    unexplained: Counter[str] = field(default_factory=Counter)


string = etree.XPath("string()")


def spelled(text: str, tag: str = "") -> str:
    """A value without what spelling may vary in: white space, the notation of dates, numbers and truth values."""
    text = " ".join(text.split())
    if tag.endswith("Indicator"):
        return {"1": "true", "0": "false"}.get(text, text)
    if re.fullmatch(r"\d{8}", text, re.ASCII):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return format(float(text), ".10g") if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text, re.ASCII) else text


def leaves(root: etree._Element) -> Counter[str]:
    """The values of a document's elements, each as often as it stands there."""
    texts = ((element, str(string(element))) for element in root.iter(etree.Element) if element.find("*") is None)
    return Counter(spelled(text, element.tag) for element, text in texts if text.strip())


def listed(invoice: Invoice, syntax: Syntax) -> Counter[str]:
    """The values that a conversion lists as lost."""
    return Counter(spelled(loss.value) for loss in losses(invoice, document_of(invoice, syntax)))


def journey(case: Case) -> Journey:
    """Takes the case through file → invoice → file, and through the other syntax and back."""
    parsed = parse(case.path)
    invoice = read_root(parsed.root, parsed.document)
    syntax = parsed.document.syntax
    other = Syntax.CII if syntax is Syntax.UBL else Syntax.UBL
    own = leaves(parsed.root)
    unread = Counter(spelled(value.value, value.path) for value in invoice.unread if "/@" not in value.path)
    there = write(invoice, other)
    lost = listed(invoice, other)
    result = Journey(sum(own.values()), len(invoice.unread), sum(lost.values()))
    result.same = own - unread - leaves(parse(same := write(invoice, syntax)).root)
    result.cross = own - unread - lost - leaves(parse(back := write(read(there), syntax)).root)
    result.invalid = [reason for data in (same, there, back) for reason in invalid(data, invoice)]
    result.unexplained = Counter(unexplained(case, invoice))
    return result


def invalid(data: bytes, invoice: Invoice) -> Iterator[str]:
    """Why a written document is not structure-valid: a known reason, or the first finding."""
    parsed = parse(data)
    for finding in structure.check(parsed.root):
        if finding.severity is Severity.FATAL:
            without_date = invoice.issue_date is None
            without_lines = not invoice.lines and parsed.document is not Document.CII
            yield NO_DATE if without_date else NO_LINES if without_lines else f"{finding.rule} {finding.text}"
            return


def remarked(case: Case) -> bool:
    """Whether an official rule set remarks on elements the norm does not know, or the file follows a published extension."""
    if "facturx-extended" in case.layers:
        return True
    rules: Iterable[str] = (rule for layer in case.layers.values() for flag in ("warning", "information") for rule in layer.get(flag, {}))
    return any(OFFICIAL_REMARK.match(rule) for rule in rules)


def unexplained(case: Case, invoice: Invoice) -> Iterator[str]:
    """For each value that is unread though no official rule remarks on it, the known reason or its path."""
    if not remarked(case):
        for value in invoice.unread:
            yield next((reason for reason, path in KNOWN.items() if path.search(value.path)), value.path)
