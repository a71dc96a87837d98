"""Drafts of invoices for property tests: many lines, rates, quantities, allowances and charges, nothing calculated yet."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from einvoice.model import AllowanceCharge, DocumentAllowanceCharge, Invoice, Item, Line, LineVAT, Price, Totals
from tests.arithmetic import cents

VATS = [
    *(LineVAT(category_code="S", rate=Decimal(rate)) for rate in ("21", "19", "5.5", "8.1", "2.1", "27", "12.5")),
    LineVAT(category_code="L", rate=Decimal(7)),
    *(LineVAT(category_code=category, rate=Decimal(0)) for category in ("Z", "E", "AE", "K", "G")),
    LineVAT(category_code="O"),
]

quantities = st.one_of(
    st.integers(1, 2_000).map(Decimal),
    st.decimals("-50", "50", places=3, allow_nan=False, allow_infinity=False),
    st.just(Decimal(0)),
)
prices = st.one_of(st.integers(0, 100_000).map(lambda value: Decimal(value) / 100), st.decimals("0", "50", places=4, allow_nan=False))
money = st.integers(0, 2_000).map(lambda value: Decimal(value) / 100)
percentages = st.sampled_from([Decimal(value) for value in ("1", "2.5", "10", "33.33", "50", "100")])


@st.composite
def extras(draw: st.DrawFn) -> AllowanceCharge:
    """An allowance or charge: an amount, or a percentage of a base."""
    if draw(st.booleans()):
        return AllowanceCharge(amount=draw(money), reason="Agreed")
    return AllowanceCharge(base_amount=draw(money), percentage=draw(percentages), reason="Agreed")


@st.composite
def price(draw: st.DrawFn) -> Price:
    """A price of one or of several units, net or as gross price less discount (BT-146 to BT-149)."""
    amount, base = draw(prices), draw(st.sampled_from([None, None, Decimal(1), Decimal(3), Decimal(12), Decimal("0.5"), Decimal(1000)]))
    if draw(st.booleans()):
        return Price(net=amount, base_quantity=base)
    return Price(gross=amount, discount=min(amount, draw(money)), base_quantity=base)


@st.composite
def line(draw: st.DrawFn, vats: list[LineVAT]) -> Line:
    """One line that bears one of the VAT rates."""
    some = st.lists(extras(), max_size=2)
    return Line(
        quantity=draw(quantities),
        unit_code="C62",
        price=draw(price()),
        vat=draw(st.sampled_from(vats)),
        allowances=tuple(draw(some)) if draw(st.booleans()) else (),
        charges=tuple(draw(some)) if draw(st.booleans()) else (),
        item=Item(name="Thing"),
    )


@st.composite
def drafts(draw: st.DrawFn) -> Invoice:
    """A draft of up to 12 lines in up to 4 rates, with document allowances and charges and an advance payment now and then."""
    vats = draw(st.lists(st.sampled_from(VATS), min_size=1, max_size=4, unique_by=lambda vat: (vat.category_code, vat.rate)))
    lines = draw(st.lists(line(vats), min_size=1, max_size=12))
    borne = [item.vat for item in lines if item.vat is not None]
    return Invoice(
        currency_code="EUR",
        lines=tuple(lines),
        allowances=draw(_document_level(borne)),
        charges=draw(_document_level(borne)),
        totals=draw(st.sampled_from([None, Totals(paid_amount=Decimal("5.00")), Totals(rounding_amount=Decimal("-0.03"))])),
    )


@st.composite
def _document_level(draw: st.DrawFn, borne: list[LineVAT]) -> tuple[DocumentAllowanceCharge, ...]:
    items = draw(st.lists(st.tuples(extras(), st.sampled_from(borne)), max_size=2))
    return tuple(
        DocumentAllowanceCharge(
            amount=item.amount,
            base_amount=item.base_amount,
            percentage=item.percentage,
            reason=item.reason,
            vat_category_code=vat.category_code,
            vat_rate=vat.rate,
        )
        for item, vat in items
    )


def promised(draft: Invoice) -> Decimal:
    """What the customer of a seller whose prices include VAT was told to pay, before advance payments."""
    return sum(map(_told, draft.lines), Decimal(0)) - _sum(draft.allowances) + _sum(draft.charges)


def _told(line: Line) -> Decimal:
    assert line.price is not None
    assert line.quantity is not None
    unit = line.price.net if line.price.net is not None else (line.price.gross or Decimal(0)) - (line.price.discount or Decimal(0))
    return cents(line.quantity * unit / (line.price.base_quantity or 1) - _sum(line.allowances) + _sum(line.charges))


def _sum(items: tuple[AllowanceCharge, ...]) -> Decimal:
    return sum((_amount(item) for item in items), Decimal(0))


def _amount(item: AllowanceCharge) -> Decimal:
    if item.amount is not None:
        return item.amount
    assert item.base_amount is not None
    assert item.percentage is not None
    return cents(item.base_amount * item.percentage / 100)
