"""Peppol BIS Billing 3 and Self-Billing 3, as the official rules of release 2026.5 test them: UBL."""

from __future__ import annotations

from datetime import date

from einvoice_validators.rules.peppol import (
    allowances,
    amounts,
    billing,
    codes,
    denmark,
    document,
    empty,
    germany,
    germany_details,
    greece,
    iceland,
    identifiers,
    italy,
    lines,
    netherlands,
    norway,
    parties,
    payment,
    selfbilling,
    sweden,
)
from einvoice_validators.ruleset import RuleSet, rules_in

_shared = rules_in(empty, document, parties, allowances, payment, amounts, lines, identifiers, codes)
_countries = rules_in(norway, denmark, italy, sweden, greece, iceland, netherlands, germany, germany_details)

PEPPOL = RuleSet("peppol", "2026.5", (*_shared, *rules_in(billing), *_countries), date(2026, 5, 15))
SELF_BILLING = RuleSet("peppol", "2026.5", (*_shared, *rules_in(selfbilling)), date(2026, 5, 15))
