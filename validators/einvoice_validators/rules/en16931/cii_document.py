"""Rules of the document as a whole: what it names once, its period, and split payment in Italy."""

from __future__ import annotations

from einvoice_validators.facts import Fact
from einvoice_validators.rules.en16931.cii_model import DOCUMENT, PERIOD
from einvoice_validators.ruleset import rule
from einvoice_validators.xpath import normal

DATE = "102"  # the format of a date, YYYYMMDD


@rule("BR-01", DOCUMENT, at="specification_identifier")
def specification_is_named(document: Fact) -> object:
    """An invoice names the specification that it follows (BT-24)."""
    return normal(document.specification_identifier) != ""


@rule("BR-02", DOCUMENT, at="number")
def number_is_there(document: Fact) -> object:
    """An invoice has a number (BT-1)."""
    return normal(document.number) != ""


@rule("BR-03", DOCUMENT, at="issue_date")
def issue_date_is_there(document: Fact) -> object:
    """An invoice has an issue date (BT-2), in format 102."""
    return document.issue_date_format == DATE and normal(document.issue_date) != ""


@rule("BR-04", DOCUMENT, at="type_code")
def type_is_there(document: Fact) -> object:
    """An invoice has a type code (BT-3)."""
    return normal(document.type_code) != ""


@rule("BR-05", DOCUMENT, at="currency_code")
def currency_is_there(document: Fact) -> object:
    """An invoice names its currency (BT-5)."""
    return normal(document.currency_code) != ""


@rule("BR-16", DOCUMENT, at="lines")
def has_a_line(document: Fact) -> object:
    """An invoice has at least one line (BG-25)."""
    return document.lines


@rule("BR-29", PERIOD, at="end_date")
def period_ends_after_it_starts(period: Fact) -> object:
    """The invoicing period does not end (BT-74) before it starts (BT-73)."""
    return ends_after_it_starts(period)


@rule("BR-CO-19", PERIOD)
def period_has_a_date(period: Fact) -> object:
    """An invoicing period (BG-14) has a start date (BT-73), an end date (BT-74) or both."""
    return period.has_start or period.has_end


@rule("BR-B-01", DOCUMENT, at="category_codes")
def split_payment_is_italian(document: Fact) -> object:
    """VAT category B (split payment) is for invoices within Italy: every country code is IT."""
    return "B" not in document.category_codes or not document.country_codes - {"IT"}


@rule("BR-B-02", DOCUMENT, at="category_codes")
def split_payment_excludes_the_standard_rate(document: Fact) -> object:
    """VAT categories B (split payment) and S (standard rate) do not meet in one invoice."""
    return "B" not in document.category_codes or "S" not in document.category_codes


def ends_after_it_starts(period: Fact) -> bool:
    """Whether the end is no earlier than the start, compared as text; both in format 102, or one of them not there at all."""
    if not period.has_start or not period.has_end:
        return True
    return bool(period.start_date_format == DATE == period.end_date_format and period.end_date >= period.start_date)
