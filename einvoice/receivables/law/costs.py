"""Costs of collection: by the tiers of the country, between its least and most, with VAT where the creditor cannot deduct it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

from einvoice.money import CENT, ZERO, rounded
from einvoice.receivables.law.pack import CostRule, Tier

_HUNDRED = Decimal(100)


def costs(rule: CostRule, principal: Decimal) -> Decimal:
    """What a debt of `principal` costs, without VAT; nothing where nothing is owed."""
    if principal <= 0:
        return ZERO
    tier = tier_of(rule, principal)
    amount = max(rounded(tier.fixed + tier.percent * (principal - tier.above) / _HUNDRED), rule.least)
    return amount.quantize(CENT) if rule.most is None else min(amount, rule.most).quantize(CENT)


def tier_of(rule: CostRule, principal: Decimal) -> Tier:
    """The tier that a debt falls into."""
    return next(tier for tier in rule.tiers if tier.upto is None or principal <= tier.upto)


def shared(amount: Decimal, principals: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """An amount divided over debts by their size; to the cent, the rest to the first."""
    together = sum(principals, ZERO)
    parts = [(amount * principal / together).quantize(CENT, ROUND_DOWN) for principal in principals] if together > 0 else []
    return (rounded(amount) - sum(parts[1:], ZERO), *parts[1:]) if parts else ()


def vat(rule: CostRule, amount: Decimal, *, deducts: bool) -> Decimal:
    """VAT on costs, which only a creditor who cannot deduct it adds."""
    return ZERO if rule.vat is None or deducts else rounded(amount * rule.vat.rate / _HUNDRED)
