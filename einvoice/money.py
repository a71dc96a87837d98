"""Money: exact decimals, and the whole numbers that databases keep.

Amounts are `Decimal` everywhere in Python. A database keeps them as whole thousandths ("mills") of the currency's unit: exact in
SQLite, which has no decimal type, and fine enough for every currency of ISO 4217 with up to three decimals.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
WITHOUT_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
WITH_THREE = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_MOST = 10**15


def exact(value: object) -> Decimal:
    """An amount from a decimal, a whole number or text such as "1250.00".

    Raises ValueError for floats, for what is no number, and beyond 10^15.
    """
    if isinstance(value, bool | float) or not isinstance(value, Decimal | int | str):
        raise ValueError("an amount is a decimal or text such as 1250.00, not a float")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is no amount; write it like 1250.00") from None
    if not amount.is_finite() or abs(amount) >= _MOST:
        raise ValueError(f"{value!r} is no amount of money")
    return amount


def to_mills(amount: Decimal | int) -> int:
    """An amount as whole thousandths.

    Raises ValueError where it has more than three decimals.
    """
    scaled = Decimal(amount).scaleb(3)
    mills = int(scaled)
    if mills != scaled:
        raise ValueError(f"{amount} has more than three decimals; round it to the currency first")
    return mills


def from_mills(mills: int) -> Decimal:
    """An amount from whole thousandths, with two decimals unless it has three."""
    cents, rest = divmod(mills, 10)
    return Decimal(mills).scaleb(-3) if rest else Decimal(cents).scaleb(-2)


def rounded(amount: Decimal, currency: str = "EUR") -> Decimal:
    """An amount rounded half up to the smallest unit of its currency (ISO 4217)."""
    if currency in WITHOUT_DECIMALS:
        return amount.quantize(Decimal(1), ROUND_HALF_UP)
    return amount.quantize(Decimal("0.001") if currency in WITH_THREE else CENT, ROUND_HALF_UP)
