"""How the invoice is paid: BG-16 to BG-19, and payments of third parties (XRechnung extension)."""

from __future__ import annotations

from einvoice.model.types import Amount, Code, Group, Many, Maybe, Text, term, terms


class CreditTransfer(Group):
    """An account to transfer to (BG-17); `account_identifier` is an IBAN or a national account number."""

    account_identifier: Text | None = term("BT-84")
    account_name: Text | None = term("BT-85")
    service_provider_identifier: Text | None = term("BT-86")


class PaymentCard(Group):
    """The card that was used (BG-18). `network` is the card network that UBL asks for; the norm has no term for it."""

    primary_account_number: Text | None = term("BT-87")
    holder_name: Text | None = term("BT-88")
    network: Text | None = None


class DirectDebit(Group):
    """The mandate and accounts of a direct debit (BG-19)."""

    mandate_reference: Text | None = term("BT-89")
    creditor_identifier: Text | None = term("BT-90")
    debited_account_identifier: Text | None = term("BT-91")


class PaymentInstructions(Group):
    """How to pay (BG-16); `means_code` is UNTDID 4461, `remittance_information` what the payer repeats."""

    means_code: Code | None = term("BT-81")
    means_text: Text | None = term("BT-82")
    remittance_information: Text | None = term("BT-83")
    credit_transfers: Many[CreditTransfer] = terms("BG-17")
    card: Maybe[PaymentCard] = term("BG-18")
    direct_debit: Maybe[DirectDebit] = term("BG-19")


class ThirdPartyPayment(Group):
    """A payment to a third party that this invoice collects (XRechnung extension, BG-DEX-09)."""

    type: Text | None = term("BT-DEX-001")
    amount: Amount | None = term("BT-DEX-002")
    description: Text | None = term("BT-DEX-003")
