"""What a tax of Tryton is to EN 16931: its category by the UN/ECE code that it carries, and why nothing is charged."""

from decimal import Decimal

from trytond.model import fields
from trytond.pool import PoolMeta
from trytond.pyson import Eval

from einvoice_plugins.records import Posted, Tax, Treatment

_RATES = {"AA", "B", "H"}
"""Categories of UNTDID 5305 that EN 16931 calls standard, whatever their rate: lower, higher, transferred."""


class AccountTax(metaclass=PoolMeta):
    """A tax, with the code of its exemption."""

    __name__ = "account.tax"

    einvoice_exemption = fields.Char(
        "Exemption Code",
        states={"invisible": ~Eval("unece_category_code").in_(["E", "AE", "K", "G", "O"])},
        help="Why no VAT is charged: a code of the list VATEX, such as VATEX-EU-132-1I.\n"
        "Where it is empty, the legal notice of the tax says why.",
    )


def of(tax, notice=None):
    """The rule that a tax of Tryton states; without a treatment where it states none that EN 16931 knows."""
    if tax is None:
        return Tax(Decimal(0), notice=notice)
    treatment = _treatment(tax)
    rate = tax.rate * 100 if tax.type == "percentage" else Decimal(0)
    if treatment is None and (tax.unece_code or "VAT") != "VAT":
        rate = Decimal(0)  # an excise or an eco tax is no VAT at its rate
    exemption = tax.einvoice_exemption or getattr(tax, "vatex_code", None)
    return Tax(_plain(rate), treatment, exemption or None, notice or tax.legal_notice or None)


def of_line(line):
    """The taxes of an invoice line, the children of a group in its place."""
    return tuple(of(tax) for top in line.taxes for tax in _leaves(top))


def posted(invoice):
    """What each tax came to, as Tryton posted it."""
    return tuple(Posted(of(line.tax, line.legal_notice), line.base, line.amount) for line in invoice.taxes)


def _leaves(tax):
    if tax.type == "none":
        return [leaf for child in tax.childs for leaf in _leaves(child)]
    return [tax]


def _treatment(tax):
    if tax.type != "percentage" or (tax.unece_code or "VAT") != "VAT":
        return None
    code = tax.unece_category_code
    if code in _RATES:
        return Treatment.STANDARD
    return Treatment(code) if code in {*Treatment} else None


def _plain(number):
    """The number without zeros at its end: 21, not 21.00."""
    return Decimal(format(number.normalize(), "f"))
