"""What EN 16931 says of the whole of a UBL document that its elements do not say one by one: names of codes, amounts in extensions."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, count, texts
from einvoice_validators.ruleset import WARNING, Pattern, rule

DOCUMENT = Pattern("en16931-ubl-attributes", Syntax.UBL).context(
    "/*", attributes_called_name=count(".//*/@name"), payment_means_called_name=count(".//cbc:PaymentMeansCode/@name")
)
EXTENSIONS = Pattern("en16931-ubl-extensions", Syntax.UBL).context(
    "ext:UBLExtensions",
    all_amounts=texts(".//*Amount"),
    price_amounts=texts(
        " | ".join([".//*PriceAmount", *(f".//cac:Price/cac:AllowanceCharge/{'*/' * depth}cbc:*Amount" for depth in range(9))])
    ),
)


@rule("UBL-DT-18", DOCUMENT, severity=WARNING)
def only_payment_means_are_named_by_an_attribute(invoice: Fact) -> object:
    """Only the code of the payment means has a name beside it (BT-82), no other code."""
    return invoice.attributes_called_name <= invoice.payment_means_called_name


@rule("UBL-DT-01", EXTENSIONS)
def amounts_in_extensions_have_two_decimals(extensions: Fact) -> object:
    """An amount has two decimals at most, unless it is a price or belongs to one."""
    return sum(map(_is_long, extensions.all_amounts)) <= sum(map(_is_long, extensions.price_amounts))


def _is_long(amount: str) -> bool:
    return len(amount.partition(".")[2]) > 2
