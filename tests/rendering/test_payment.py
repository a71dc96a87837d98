"""The payment block and the text of the EPC QR code: when there is one, what it says, and why there is none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from einvoice.model import CreditTransfer, DirectDebit, Invoice, Payee, PaymentCard, PaymentInstructions, Seller, Totals
from einvoice.rendering.compose import sheet
from einvoice.rendering.payment import code
from tests.rendering.sheets import LANGUAGES


def invoice(
    due: str | None = "1000.00",
    *,
    iban: str = "BE68539007547034",
    bic: str | None = None,
    account_name: str | None = "Bakkerij De Korenbloem BV",
    remittance: str | None = "+++090/9337/55493+++",
    means: str | None = "58",
    **more: Any,
) -> Invoice:
    transfer = CreditTransfer(account_identifier=iban, account_name=account_name, service_provider_identifier=bic)
    payment = PaymentInstructions(means_code=means, remittance_information=remittance, credit_transfers=(transfer,))
    base: dict[str, Any] = {"number": "F 1", "type_code": "380", "currency_code": "EUR", "seller": Seller(name="Korenbloem")}
    return Invoice(**base | {"payment": payment, "totals": Totals(amount_due=due)} | more)


def lines(made: Invoice) -> list[str]:
    return code(made).text.split("\n")


def test_a_belgian_reference_goes_as_text() -> None:
    assert lines(invoice()) == [
        *("BCD", "002", "1", "SCT", "", "Bakkerij De Korenbloem BV", "BE68539007547034", "EUR1000.00", "", "", "+++090/9337/55493+++"),
    ]


def test_a_creditor_reference_goes_structured_and_ends_the_text() -> None:
    made = lines(invoice("0.01", remittance="RF18 5390 0754 7034", bic="kredbebb", account_name=None))
    assert made == ["BCD", "002", "1", "SCT", "KREDBEBB", "Korenbloem", "BE68539007547034", "EUR0.01", "", "RF18539007547034"]


def test_the_text_of_the_guidelines_example() -> None:
    """EPC069-12, the Red Cross of Belgium, with version 002 and without the purpose and the note, which an invoice has no term for."""
    made = invoice("1", iban="BE72 0000 0000 1616", bic="BPOTBEB1", account_name="Red Cross of Belgium", remittance="Urgency fund")
    assert code(made).text == "BCD\n002\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1.00\n\n\nUrgency fund"


def test_without_remittance_information_the_number_is_what_the_payer_repeats() -> None:
    assert lines(invoice(remittance=None))[-1] == "F 1"


def test_a_text_of_several_lines_becomes_one() -> None:
    assert lines(invoice(remittance="a\n b\tc"))[-1] == "a b c"
    assert len(lines(invoice(account_name="De\nKorenbloem"))) == 11


def test_the_beneficiary_is_the_first_name_that_fits() -> None:
    assert lines(invoice(account_name="x" * 71, payee=Payee(name="Factor NV")))[5] == "Factor NV"
    assert lines(invoice(account_name="é" * 70))[5] == "é" * 70


def test_the_account_is_the_first_with_an_iban() -> None:
    payment = invoice().payment
    assert payment
    other = CreditTransfer(account_identifier="12345678")
    made = invoice(payment=payment.model_copy(update={"credit_transfers": (other, *payment.credit_transfers)}))
    assert lines(made)[6] == "BE68539007547034"


@pytest.mark.parametrize(
    "made",
    [
        invoice(None),
        invoice("0"),
        invoice("-5"),
        invoice("1000000000"),
        invoice("1.005"),
        invoice(currency_code="USD"),
        invoice(currency_code=None),
        invoice(type_code="381"),
        invoice(means="59"),
        invoice(means="49"),
        invoice(means="48"),
        invoice(means=None),
        invoice(payment=None),
        invoice(iban="BE68539007547035"),
        invoice(iban="12345678"),
        invoice(iban="TR330006100519786457841326"),
        invoice(iban="CH9300762011623852957"),
        invoice(account_name="x" * 71, seller=None),
        invoice(remittance="x" * 141),
        invoice(remittance="€" * 120, account_name="€" * 60),
    ],
    ids=lambda made: code(made).reason,
)
def test_where_there_is_no_code_there_is_a_reason(made: Invoice) -> None:
    found = code(made)
    assert found.text == ""
    assert found.reason
    shown = sheet(made).payment
    assert shown is None or (shown.qr, shown.scan) == ("", "")


def test_an_account_outside_the_economic_area_needs_a_bic() -> None:
    assert lines(invoice(iban="CH9300762011623852957", bic="POFICHBEXXX"))[4] == "POFICHBEXXX"


@pytest.mark.parametrize("due", ["0.01", "999999999.99", "12.3", "12.500"])
def test_amounts_have_two_decimals_and_a_point(due: str) -> None:
    assert lines(invoice(due))[7] == f"EUR{Decimal(due):.2f}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_is_the_same_in_every_language_and_has_its_sentence(language: str) -> None:
    made = sheet(invoice(), language).payment
    assert made is not None
    assert made.qr == code(invoice()).text
    assert made.scan


def test_card_mandate_and_terms_are_facts_of_the_block() -> None:
    payment = PaymentInstructions(
        means_code="59",
        card=PaymentCard(primary_account_number="1234", network="VISA"),
        direct_debit=DirectDebit(mandate_reference="M1", creditor_identifier="C1", debited_account_identifier="BE68539007547034"),
    )
    made = sheet(Invoice(payment=payment, payment_terms="30 days")).payment
    assert made is not None
    assert [(fact.term, fact.value) for fact in made.facts[1:]] == [
        ("BT-87", "1234"),
        ("BT-89", "M1"),
        ("BT-90", "C1"),
        ("BT-91", "BE68 5390 0754 7034"),
        (None, "VISA"),
        ("BT-20", "30 days"),
    ]


def test_terms_alone_are_a_block() -> None:
    made = sheet(Invoice(payment_terms="30 days")).payment
    assert made is not None
    assert [fact.value for fact in made.facts] == ["30 days"]
