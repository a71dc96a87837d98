"""The model: exact amounts, absent is absent, and every term of the norm once."""

from __future__ import annotations

import datetime
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from einvoice.model import (
    Address,
    Attachment,
    Contact,
    Identifier,
    Invoice,
    Line,
    Note,
    Price,
    Seller,
    SupportingDocument,
    Totals,
    Unread,
)
from einvoice.model.index import paths
from einvoice_schemas.terms import terms


def test_every_term_of_the_norm_is_in_the_model_once() -> None:
    assert set(paths()) == set(terms())


def test_every_id_that_the_official_rules_name_is_in_the_model(corpora: Path) -> None:
    text = (corpora / "rules.json").read_text("utf-8")
    assert set(re.findall(r"\bB[TG]-(?:DEX-)?\d+(?:-\d+)?\b", text)) <= set(paths())


@pytest.mark.parametrize("value", [3.5, True, "1E3", "NaN", "1,50", "\u0661\u0662", "", Decimal("Infinity"), Decimal("1E999"), "1_000"])
def test_an_amount_is_exact_or_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        Totals(amount_due=value)


@pytest.mark.parametrize(("value", "amount"), [(3, "3"), (" 12.50 ", "12.50"), ("+1", "1"), (".5", "0.5"), ("1.", "1"), ("007", "7")])
def test_an_amount_is_spelled_as_the_schema_allows(value: object, amount: str) -> None:
    assert Totals(amount_due=value).amount_due == Decimal(amount)


def test_empty_groups_are_absent() -> None:
    assert Invoice(seller=Seller(address=Address()), lines=(Line(), Line(identifier="1"))) == Invoice(lines=(Line(identifier="1"),))


@pytest.mark.parametrize("text", ["", "  ", "a\x00b", "\ufffe"])
def test_text_says_something_that_xml_can_hold(text: str) -> None:
    with pytest.raises(ValidationError):
        Invoice(number=text)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        Invoice.model_validate({"nummer": "1"})
    assert caught.value.errors()[0]["loc"] == ("nummer",)


def test_a_participant_identifier_is_scheme_and_value() -> None:
    assert Seller(electronic_address="0208:0123456749").electronic_address == Identifier(value="0123456749", scheme="0208")


def test_identifiers_without_scheme_come_first() -> None:
    seller = Seller(identifiers=[Identifier(value="1", scheme="0088"), "2"])
    assert [identifier.value for identifier in seller.identifiers] == ["2", "1"]


def test_a_coded_note_is_code_and_text() -> None:
    assert Note(text="#AAI#Thank you") == Note(subject_code="AAI", text="Thank you")
    assert Note(text="#1 in Europe").subject_code is None


def test_gross_price_and_discount_are_told_together() -> None:
    assert Price(net="9", gross="9").discount == 0
    assert Price(net="9", discount="1").gross == 10


def test_a_department_alone_is_the_contact_point() -> None:
    assert Contact(department="Accounts") == Contact(point="Accounts")


def test_an_attachment_takes_bytes_and_gives_them_back() -> None:
    attachment = Attachment(content=b"%PDF", mime_code="application/pdf", filename="a.pdf")
    assert attachment.content == "JVBERg=="
    assert attachment.data == b"%PDF"
    with pytest.raises(ValidationError):
        Attachment(content="no base64!")


def test_what_was_unread_is_no_part_of_equality() -> None:
    invoice, other = Invoice(number="1"), Invoice(number="1")
    other._unread = (Unread("/x", "1", "none"),)
    assert invoice == other
    assert hash(invoice) == hash(other)
    assert other.unread[0].value == "1"
    assert invoice.unread == ()


def test_json_keeps_every_value_exact() -> None:
    invoice = Invoice(
        number="1",
        issue_date=datetime.date(2026, 1, 31),
        totals=Totals(amount_due=Decimal("1.10")),
        supporting_documents=(SupportingDocument(reference="a", attachment=Attachment(content=b"x")),),
    )
    text = invoice.model_dump_json(exclude_none=True)
    assert json.loads(text)["totals"]["amount_due"] == "1.10"
    assert Invoice.model_validate_json(text) == invoice


def test_an_invoice_does_not_change() -> None:
    with pytest.raises(ValidationError):
        Invoice(number="1").number = "2"  # type: ignore[misc]


@pytest.mark.parametrize(("code", "credit"), [("381", True), ("380", False), ("396", True), (None, False), ("502", True)])
def test_the_type_code_tells_a_credit_note(code: str | None, credit: bool) -> None:
    assert Invoice(type_code=code).is_credit_note is credit
