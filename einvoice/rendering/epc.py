"""The text of an EPC QR code, which a banking app fills in a SEPA credit transfer from.

It follows EPC069-12 (European Payments Council, Quick Response Code: Guidelines to Enable the Data Capture for the Initiation of a
SEPA Credit Transfer), version 002 with UTF-8.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from einvoice.rendering.references import is_creditor_reference, is_iban
from einvoice.rendering.values import clean

EEA = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split())
"""Countries whose accounts need no BIC in version 002."""
SEPA = EEA | frozenset("AD AL CH GB GI MC MD ME MK RS SM VA".split())
"""Countries whose accounts SEPA credit transfers reach (EPC409-09)."""
SMALLEST, LARGEST = Decimal("0.01"), Decimal("999999999.99")
NAME, TEXT, PAYLOAD = 70, 140, 331
"""The most characters of a name and of a remittance text, and the most bytes of the whole, which is what QR version 13 takes."""

_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")


class Code(NamedTuple):
    """The text of an EPC QR code, or "" and why there is none."""

    text: str
    reason: str = ""


def epc(
    name: str,
    iban: str,
    bic: str | None,
    amount: Decimal,
    reference: str | None = None,
    text: str | None = None,
    currency: str = "EUR",
) -> Code:
    """The code of a transfer of an amount to an account.

    `reference` is a creditor reference of ISO 11649 (RF…), which has a field of its own; any other reference is a text like `text`, and
    the code holds one of both. IBAN, BIC and reference may have spaces. Where the standard has no code for it, the reason says why.
    """
    account, bank = bare(iban), bare(bic)
    bank = bank if _BIC.fullmatch(bank) else ""
    payee = line(name)
    structured, free = _remittance(reference, text)
    reason = (
        _amount(amount, currency)
        or _account(account, bank)
        or ("" if payee and len(payee) <= NAME else f"no name of at most {NAME} characters")
        or (f"the remittance information has more than {TEXT} characters" if len(free) > TEXT else "")
    )
    if reason:
        return Code("", reason)
    made = "\n".join(("BCD", "002", "1", "SCT", bank, payee, account, f"EUR{amount:.2f}", "", structured, free)).rstrip("\n")
    return Code(made) if len(made.encode()) <= PAYLOAD else Code("", f"the text has more than {PAYLOAD} bytes")


def _amount(amount: Decimal, currency: str) -> str:
    if currency != "EUR":
        return "the currency is not EUR"
    if not SMALLEST <= amount <= LARGEST:
        return "no amount due between 0.01 and 999999999.99"
    return "" if amount == round(amount, 2) else "an amount due with parts of a cent"


def _account(iban: str, bic: str) -> str:
    if not reached(iban):
        return "no account with the IBAN of a country in SEPA"
    return "" if bic or iban[:2] in EEA else "an account outside the European Economic Area needs a BIC"


def reached(iban: str | None) -> bool:
    """Whether a SEPA credit transfer reaches an account."""
    return is_iban(iban or "") and bare(iban)[:2] in SEPA


def _remittance(reference: str | None, text: str | None) -> tuple[str, str]:
    """The structured reference, or the text."""
    found = bare(reference)
    return (found, "") if is_creditor_reference(found) else ("", line(reference or text or ""))


def bare(text: str | None) -> str:
    """A reference or account without spaces, in capitals."""
    return (text or "").replace(" ", "").upper()


def line(text: str) -> str:
    """A text in one line, without control characters."""
    return " ".join(clean(text).split())
