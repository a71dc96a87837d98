"""Rules on allowances and charges, of the document and of its lines."""

from __future__ import annotations

from collections.abc import Callable

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.ubl_model import DOCUMENT_ALLOWANCE, DOCUMENT_CHARGE, LINE_ALLOWANCE, LINE_CHARGE, has_vat_scheme
from einvoice_validators.ruleset import Context, Rule
from einvoice_validators.xpath import exists, fraction_digits

MOST_DECIMALS = 2


def _has_a_vat_category(allowance_charge: Fact) -> bool:
    return any(exists(category.category_code) and has_vat_scheme(category) for category in allowance_charge.vat_categories)


def _has_a_reason(allowance_charge: Fact) -> bool:
    return bool(allowance_charge.has_reason)


def _amount_is_short(allowance_charge: Fact) -> bool:
    return fraction_digits(allowance_charge.amount_text) <= MOST_DECIMALS


def _base_is_short(allowance_charge: Fact) -> bool:
    return fraction_digits(allowance_charge.base_amount_text) <= MOST_DECIMALS


Row = tuple[str, Context, Callable[[Fact], bool], str, str]
_REASON, _AMOUNT, _BASE = "has_reason", "amount_text", "base_amount_text"

ROWS: tuple[Row, ...] = (
    ("BR-32", DOCUMENT_ALLOWANCE, _has_a_vat_category, "", "An allowance of the document has a VAT category (BT-95)."),
    ("BR-33", DOCUMENT_ALLOWANCE, _has_a_reason, _REASON, "An allowance of the document has a reason (BT-97) or the code of one (BT-98)."),
    ("BR-CO-21", DOCUMENT_ALLOWANCE, _has_a_reason, _REASON, "An allowance of the document says why: its reason (BT-97) or code (BT-98)."),
    ("BR-DEC-01", DOCUMENT_ALLOWANCE, _amount_is_short, _AMOUNT, "An allowance of the document has two decimals at most (BT-92)."),
    ("BR-DEC-02", DOCUMENT_ALLOWANCE, _base_is_short, _BASE, "The base of an allowance of the document has two decimals at most (BT-93)."),
    ("BR-37", DOCUMENT_CHARGE, _has_a_vat_category, "", "A charge of the document has a VAT category (BT-102)."),
    ("BR-38", DOCUMENT_CHARGE, _has_a_reason, _REASON, "A charge of the document has a reason (BT-104) or the code of one (BT-105)."),
    ("BR-CO-22", DOCUMENT_CHARGE, _has_a_reason, _REASON, "A charge of the document says why: its reason (BT-104) or code (BT-105)."),
    ("BR-DEC-05", DOCUMENT_CHARGE, _amount_is_short, _AMOUNT, "A charge of the document has two decimals at most (BT-99)."),
    ("BR-DEC-06", DOCUMENT_CHARGE, _base_is_short, _BASE, "The base of a charge of the document has two decimals at most (BT-100)."),
    ("BR-42", LINE_ALLOWANCE, _has_a_reason, _REASON, "An allowance of a line has a reason (BT-139) or the code of one (BT-140)."),
    ("BR-CO-23", LINE_ALLOWANCE, _has_a_reason, _REASON, "An allowance of a line says why: its reason (BT-139) or code (BT-140)."),
    ("BR-DEC-24", LINE_ALLOWANCE, _amount_is_short, _AMOUNT, "An allowance of a line has two decimals at most (BT-136)."),
    ("BR-DEC-25", LINE_ALLOWANCE, _base_is_short, _BASE, "The base of an allowance of a line has two decimals at most (BT-137)."),
    ("BR-44", LINE_CHARGE, _has_a_reason, _REASON, "A charge of a line has a reason (BT-144) or the code of one (BT-145)."),
    ("BR-CO-24", LINE_CHARGE, _has_a_reason, _REASON, "A charge of a line says why: its reason (BT-144) or code (BT-145)."),
    ("BR-DEC-27", LINE_CHARGE, _amount_is_short, _AMOUNT, "A charge of a line has two decimals at most (BT-141)."),
    ("BR-DEC-28", LINE_CHARGE, _base_is_short, _BASE, "The base of a charge of a line has two decimals at most (BT-142)."),
)  # fmt: skip

RULES = [Rule(name, (context,), holds, text, at=at) for name, context, holds, at, text in ROWS]
