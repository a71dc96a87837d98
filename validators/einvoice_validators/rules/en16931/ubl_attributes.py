"""Attributes that EN 16931 does not use in UBL, wherever they stand, and what it wants of amounts in extensions."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, count, texts, there
from einvoice_validators.ruleset import WARNING, Pattern, Rule, rule
from einvoice_validators.wording import word

UNUSED = {
    "UBL-CR-663": "unitCodeListID",
    "UBL-DT-08": "schemeName",
    "UBL-DT-09": "schemeAgencyName",
    "UBL-DT-10": "schemeDataURI",
    "UBL-DT-11": "schemeURI",
    "UBL-DT-12": "format",
    "UBL-DT-13": "unitCodeListIdentifier",
    "UBL-DT-14": "unitCodeListAgencyIdentifier",
    "UBL-DT-15": "unitCodeListAgencyName",
    "UBL-DT-16": "listAgencyName",
    "UBL-DT-17": "listName",
    "UBL-DT-19": "languageID",
    "UBL-DT-20": "listURI",
    "UBL-DT-21": "listSchemeURI",
    "UBL-DT-22": "languageLocaleID",
    "UBL-DT-23": "uri",
    "UBL-DT-24": "currencyCodeListVersionID",
    "UBL-DT-25": "characterSetCode",
    "UBL-DT-26": "encodingCode",
    "UBL-DT-27": "schemeAgencyID",
    "UBL-DT-28": "listAgencyID",
}
DOCUMENT = Pattern("en16931-ubl-attributes", Syntax.UBL).context(
    "/*",
    attributes_called_name=count(".//*/@name"),
    payment_means_called_name=count(".//cbc:PaymentMeansCode/@name"),
    **{f"unused_{attribute}": there(f".//*/@{attribute}") for attribute in UNUSED.values()},
)
EXTENSIONS = Pattern("en16931-ubl-extensions", Syntax.UBL).context(
    "ext:UBLExtensions",
    all_amounts=texts(".//*Amount"),
    price_amounts=texts(
        " | ".join([".//*PriceAmount", *(f".//cac:Price/cac:AllowanceCharge/{'*/' * depth}cbc:*Amount" for depth in range(9))])
    ),
)


def _unused(id: str, attribute: str) -> Rule:  # noqa: A002 - it is the id
    def holds(invoice: Fact) -> bool:
        return not getattr(invoice, f"unused_{attribute}")

    text = f"The attribute {attribute} ({word('@' + attribute)}) is not used in EN 16931 invoices."
    return Rule(id, (DOCUMENT,), holds, text, WARNING)


UNUSED_ATTRIBUTES = [_unused(id, attribute) for id, attribute in UNUSED.items()]


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
