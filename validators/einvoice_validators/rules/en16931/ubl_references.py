"""Rules on documents that an invoice refers to, on its periods and on its notes."""

from __future__ import annotations

from functools import cache

from einvoice_schemas.codelists import codes
from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.ubl_model import INVOICING_PERIOD, LINE_PERIOD, NOTE, PRECEDING_INVOICE, SUPPORTING_DOCUMENT
from einvoice_validators.ruleset import rule
from einvoice_validators.xpath import day, exists, normal

LENGTH_OF_SUBJECT_CODE = 3


@cache
def subject_codes() -> str:
    """The codes as one text, in the order of the list, in which the official rule looks for what a note names."""
    return f" {' '.join(codes('untdid-4451', 'cen-ubl'))} "


@rule("BR-CL-08", NOTE)
def subject_of_a_note_is_a_code(note: str) -> object:
    """The subject that a note names between two # signs is one of the code list untdid-4451 (BT-21)."""
    code, ended, _ = note.partition("#")[2].partition("#")
    return not ended or len(code) != LENGTH_OF_SUBJECT_CODE or code in subject_codes()


@rule("BR-52", SUPPORTING_DOCUMENT, at="reference")
def supporting_document_has_a_reference(document: Fact) -> object:
    """A supporting document has a reference (BT-122)."""
    return normal(document.reference) != ""


@rule("BR-55", PRECEDING_INVOICE)
def preceding_invoice_has_a_reference(reference: Fact) -> object:
    """A reference to a preceding invoice gives its number (BT-25)."""
    return reference.has_reference


def _ends_after_it_starts(period: Fact) -> bool:
    if not exists(period.start_date) or not exists(period.end_date):
        return True
    return bool(day(period.end_date) >= day(period.start_date))


@rule("BR-29", INVOICING_PERIOD, at="end_date")
def invoicing_period_ends_after_it_starts(period: Fact) -> object:
    """The invoicing period ends on the day it starts, or later (BT-73, BT-74)."""
    return _ends_after_it_starts(period)


@rule("BR-30", LINE_PERIOD, at="end_date")
def line_period_ends_after_it_starts(period: Fact) -> object:
    """The period of a line ends on the day it starts, or later (BT-134, BT-135)."""
    return _ends_after_it_starts(period)


@rule("BR-CO-19", INVOICING_PERIOD)
def invoicing_period_is_filled(period: Fact) -> object:
    """The invoicing period has a start date (BT-73), an end date (BT-74) or a code for the tax point (BT-8)."""
    return exists(period.start_date) or exists(period.end_date) or period.has_description_code


@rule("BR-CO-20", LINE_PERIOD)
def line_period_is_filled(period: Fact) -> object:
    """The period of a line has a start date (BT-134) or an end date (BT-135)."""
    return exists(period.start_date) or exists(period.end_date)
