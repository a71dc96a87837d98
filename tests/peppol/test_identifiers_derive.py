"""Document type, process, parties and country derived from invoices."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import einvoice
from einvoice.errors import BadIdentifier, EInvoiceError
from einvoice.formats.syntax import Syntax
from einvoice.model import Invoice
from einvoice.samples import sample
from einvoice_peppol.identifiers import Participant, derive, documents
from einvoice_peppol.identifiers.kinds import kind
from einvoice_peppol.identifiers.lists import State
from tests import corpora

DAY = date(2026, 11, 28)
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CII = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100::CrossIndustryInvoice"
BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
SELF = "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0"
NORM = "urn:cen.eu:en16931:2017"
KNOWN = [
    (f"{NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0", BILLING, BILLING, "busdox-docid-qns", "uc"),
    (f"{NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0", SELF, SELF, "busdox-docid-qns", "u"),
    (f"{NORM}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0", BILLING, BILLING, "busdox-docid-qns", "uc"),
    (f"{NORM}#compliant#urn:fdc:nen.nl:nlcius:v1.0", BILLING, BILLING, "busdox-docid-qns", "u"),
    (f"{NORM}#compliant#urn:fdc:nen.nl:nlcius:v1.0", None, BILLING, "busdox-docid-qns", "u"),
    (NORM, None, "urn:fdc:peppol.eu:poacc:en16931:any", "busdox-docid-qns", "uc"),
    (NORM, "urn:anything", "urn:fdc:peppol.eu:poacc:en16931:any", "busdox-docid-qns", "uc"),
    ("urn:peppol:pint:billing-1@eu-1", "urn:peppol:bis:billing", "urn:peppol:bis:billing", "peppol-doctype-wildcard", "u"),
    ("urn:peppol:pint:billing-1@sg-1", "urn:peppol:bis:billing", "urn:peppol:bis:billing", "peppol-doctype-wildcard", "u"),
    ("urn:peppol:pint:selfbilling-1@my-1", "urn:peppol:bis:selfbilling", "urn:peppol:bis:selfbilling", "peppol-doctype-wildcard", "u"),
]
"""BT-24, BT-23 as stated, the process, the scheme, the syntaxes (UBL, CII) that the network has of it."""


def stated(specification: str | None, process: str | None, *, credit_note: bool = False) -> Invoice:
    values = {"specification_identifier": specification, "business_process_type": process}
    return Invoice.model_validate({**sample(credit_note=credit_note).model_dump(), "process": values})


@pytest.mark.parametrize(("specification", "bt23", "process", "scheme", "syntaxes"), KNOWN)
@pytest.mark.parametrize("syntax", Syntax)
@pytest.mark.parametrize("credit_note", [False, True])
def test_what_is_known(
    specification: str, bt23: str | None, process: str, scheme: str, syntaxes: str, syntax: Syntax, credit_note: bool
) -> None:
    invoice = stated(specification, bt23, credit_note=credit_note)
    data = einvoice.write(invoice, syntax)
    if syntax.value[0] not in syntaxes:
        with pytest.raises(BadIdentifier):
            derive.of(data, on=DAY)
        return
    found = derive.of(data, on=DAY)
    root = CII if syntax is Syntax.CII else f"{UBL}CreditNote-2::CreditNote" if credit_note else f"{UBL}Invoice-2::Invoice"
    assert found.document == (f"{root}##{specification}::{'D16B' if syntax is Syntax.CII else '2.1'}", scheme)
    assert found.process.value == process
    assert derive.of(invoice, syntax=syntax, on=DAY) == found
    seller, buyer = Participant("0208", "0999999031"), Participant("0208", "0999912325")
    assert (found.sender, found.receiver) == ((buyer, seller) if "selfbilling" in specification else (seller, buyer))
    assert (found.country, found.number, found.profile) == ("BE", invoice.number, specification)
    assert kind(found.document) == "invoice"


UNKNOWN = [
    (None, BILLING),
    ("urn:x", BILLING),
    (f"{NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:4.0", BILLING),
    (f"{NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0", "urn:x"),
    (f"{NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0", None),
    (f"{NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0", SELF),
    (f"{NORM}#compliant#urn:xoev-de:kosit:standard:xrechnung_2.0", BILLING),
    ("urn:peppol:pint:billing-1@xx-1", "urn:peppol:bis:billing"),
    ("urn:peppol:pint:billing-1", "urn:peppol:bis:billing"),
    ("urn:peppol:pint:billing-1@eu-1*", "urn:peppol:bis:billing"),
]


@pytest.mark.parametrize(("specification", "process"), UNKNOWN)
def test_what_is_not(specification: str | None, process: str | None) -> None:
    with pytest.raises(BadIdentifier):
        derive.of(stated(specification, process), on=DAY)


def test_a_document_type_ends() -> None:
    old = stated(f"{NORM}#compliant#urn:xoev-de:kosit:standard:xrechnung_2.0", BILLING)
    assert "xrechnung_2.0" in derive.of(old, on=date(2026, 7, 31)).document.value
    with pytest.raises(BadIdentifier):
        derive.of(old, on=date(2026, 8, 1))


@pytest.mark.parametrize(
    ("address", "found"),
    [(None, None), ("EM:info@example.com", None), ("0106:12345678", "0106:12345678"), ("0208:0428759497", "0208:0428759497")],
)
def test_addresses_of_other_networks_are_no_participants(address: str | None, found: str | None) -> None:
    values = sample().model_dump()
    values["buyer"]["electronic_address"] = address
    derived = derive.of(Invoice.model_validate(values), on=DAY)
    assert (derived.receiver.id if derived.receiver else None) == found


def test_wrong_check_digits_are_an_error() -> None:
    values = sample().model_dump()
    values["buyer"]["electronic_address"] = "0208:0428759498"
    invoice = Invoice.model_validate(values)
    with pytest.raises(BadIdentifier, match="BT-49"):
        derive.of(invoice, on=DAY)
    assert derive.of(invoice, strict=False, on=DAY).receiver == ("0208", "0428759498")


def test_an_invoice_in_its_envelope() -> None:
    from tests.peppol.envelopes import wrapped

    data = einvoice.write(sample())
    assert derive.of(wrapped(data), on=DAY) == derive.of(data, on=DAY)


def test_published_invoices(tmp_path: Path) -> None:
    """Each is derived or refused, and what is derived stands in the list."""
    folder = corpora.folder()
    if folder is None:
        pytest.skip(corpora.ABSENT)
    derived = 0
    for path in sorted(folder.glob("*/**/*.xml"))[::10]:
        try:
            found = derive.of(path, strict=False, on=DAY)
        except EInvoiceError:
            continue
        entry = documents.entry(found.document)
        assert entry is not None
        assert entry.on(DAY) is not State.REMOVED
        assert str(found.process) in entry.processes
        derived += 1
    assert derived > 200


@given(st.text(min_size=1, max_size=60).filter(str.strip), st.text(min_size=1, max_size=60).filter(str.strip))
def test_any_text_is_derived_or_refused(specification: str, process: str) -> None:
    try:
        invoice = stated(specification, process)
    except ValueError:
        return  # the model takes no such text
    with pytest.raises(BadIdentifier):
        derive.of(invoice, on=DAY)
