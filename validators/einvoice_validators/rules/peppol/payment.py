"""Peppol BIS: direct debits name their mandate."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, text, there
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import normal

PATTERN = Pattern("peppol payment", Syntax.UBL)
MEANS = PATTERN.context("cac:PaymentMeans", means_code=text("cbc:PaymentMeansCode"), mandate_there=there("cac:PaymentMandate/cbc:ID"))


@rule("PEPPOL-EN16931-R061", MEANS, at="means_code")
def direct_debit_has_a_mandate(means: Fact) -> object:
    """A direct debit (payment means 49 or 59) names its mandate (BT-89)."""
    return means.mandate_there or normal(means.means_code) not in ("49", "59")
