"""An invoice as an ERP has posted it: what every plugin hands over, whatever its tables are called.

Amounts are `Decimal` in the invoice's currency and signed as the ledger has them: what the customer comes to owe is positive, what is
credited is negative, so a credit note of 121 has a total of -121. Nothing here is computed: each field holds what the ERP says.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

NOTHING = Decimal(0)


class Treatment(StrEnum):
    """How a supply is taxed: the VAT category codes of UNTDID 5305 that EN 16931 knows (BT-118)."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUT_OF_SCOPE = "O"
    CANARY_ISLANDS = "L"
    CEUTA_MELILLA = "M"


class Number(NamedTuple):
    """A number that somebody issued: `scheme` is an ISO 6523 or EAS code, such as 0208 for Belgian enterprises."""

    value: str
    scheme: str | None = None


class Place(NamedTuple):
    """A postal address; `country` is ISO 3166-1 alpha-2."""

    country: str
    street: str | None = None
    more: str | None = None
    city: str | None = None
    post_code: str | None = None
    region: str | None = None


class Party(NamedTuple):
    """Who sells or buys. `electronic` is where e-invoices go (BT-34, BT-49); the contact is a name, a telephone number, a mail address."""

    name: str
    place: Place
    vat: str | None = None
    registration: Number | None = None
    tax_registration: str | None = None
    electronic: Number | None = None
    trading_name: str | None = None
    legal_form: str | None = None
    contact: str | None = None
    phone: str | None = None
    email: str | None = None


class Tax(NamedTuple):
    """A tax rule of the ERP: `treatment` None where the ERP does not say; `exemption` a VATEX code, `notice` the words of the law."""

    rate: Decimal
    treatment: Treatment | None = None
    exemption: str | None = None
    notice: str | None = None


class Adjustment(NamedTuple):
    """An allowance (negative) or charge (positive) as posted, with its tax where it is one of the document; codes are UNTDID 5189, 7161."""

    amount: Decimal
    reason: str | None = None
    code: str | None = None
    taxes: tuple[Tax, ...] = ()
    base: Decimal | None = None
    percentage: Decimal | None = None


class Line(NamedTuple):
    """A line as posted: `price` is of `per` units before tax, `net` what the ledger has; `gross` the price before a discount.

    `unit` is UN/ECE Recommendation 20 or 21. `adjustments` change `net`.
    """

    name: str
    quantity: Decimal
    price: Decimal
    net: Decimal
    taxes: tuple[Tax, ...]
    unit: str = "C62"
    per: Decimal = Decimal(1)
    gross: Decimal | None = None
    id: str | None = None
    note: str | None = None
    description: str | None = None
    sellers_code: str | None = None
    buyers_code: str | None = None
    standard_code: Number | None = None
    order_line: str | None = None
    account: str | None = None
    start: date | None = None
    end: date | None = None
    adjustments: tuple[Adjustment, ...] = ()


class Posted(NamedTuple):
    """What one tax came to in the document, as the ERP posted it."""

    tax: Tax
    base: Decimal
    amount: Decimal


class Payment(NamedTuple):
    """How it is paid: `means` is UNTDID 4461 (30 credit transfer, 58 SEPA, 59 SEPA direct debit)."""

    means: str = "30"
    account: str | None = None
    account_name: str | None = None
    bic: str | None = None
    reference: str | None = None
    mandate: str | None = None
    creditor_id: str | None = None
    debited_account: str | None = None


class References(NamedTuple):
    """What the invoice refers to."""

    buyer: str | None = None
    order: str | None = None
    sales_order: str | None = None
    contract: str | None = None
    project: str | None = None
    despatch: str | None = None
    preceding: tuple[tuple[str, date | None], ...] = ()


class Ledger(NamedTuple):
    """The totals that the ERP posted, and what its ledger leaves open of the claim once it is posted.

    `total` has the rounding in it. `open` is what the receivable lines leave the customer to pay at the moment of posting, read from
    the ledger and not worked out; payments that came later change nothing of it. `prepaid` was paid before and is set off, `rounding`
    is to what can be paid in cash. `home_tax` is the tax in `home`, the currency of the books.
    """

    untaxed: Decimal
    tax: Decimal
    total: Decimal
    open: Decimal
    prepaid: Decimal = NOTHING
    rounding: Decimal = NOTHING
    home: str | None = None
    home_tax: Decimal | None = None


class Record(NamedTuple):
    """An invoice or credit note as posted; `is_credit` None: by the sign of its total.

    `delivered` and `shipped_to` say when and where, which intra-community supplies must; `start` to `end` is the invoiced period.
    """

    number: str
    issued: date
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    taxes: tuple[Posted, ...]
    ledger: Ledger
    due: date | None = None
    terms: str | None = None
    payment: Payment | None = None
    references: References = References()
    adjustments: tuple[Adjustment, ...] = ()
    is_credit: bool | None = None
    note: str | None = None
    tax_point: date | None = None
    delivered: date | None = None
    shipped_to: Place | None = None
    start: date | None = None
    end: date | None = None

    @property
    def credits(self) -> bool:
        """Whether it is a credit note."""
        return self.ledger.total < 0 if self.is_credit is None else self.is_credit
