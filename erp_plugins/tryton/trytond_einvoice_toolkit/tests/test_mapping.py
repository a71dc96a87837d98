"""Posted invoices of every kind: their documents are valid, and ask for what the ledger leaves open."""

from datetime import timedelta
from decimal import Decimal

from trytond.modules.currency.tests import create_currency
from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction

import einvoice
from einvoice.report import Verdict

from .databases import DatabaseTestCase
from .world import TODAY, world

D = Decimal


def cases(w):
    """Draft invoices by what they show."""
    abroad = {"einvoice_delivered": TODAY, "einvoice_delivery_address": w.dutch.addresses[0]}
    dollar = create_currency("USD")
    dollar.code = "USD"
    dollar.save()
    Pool().get("currency.currency.rate").create([{"currency": dollar.id, "date": TODAY.replace(month=1, day=1), "rate": D("1.0857")}])
    allowance = w.product("Loyalty", unece_allowance_charge_code="95")
    freight = w.product("Freight", unece_special_service_code="SAA")
    coffee = ("Coffee machine\nTwo groups", 1, "349.99", "standard")
    deposits = w.deposit_account()
    found = {
        "plain": w.invoice([coffee]),
        "two rates": w.invoice([("Bread", 10, "2.50", "reduced"), coffee, ("Ground coffee", 0.375, "18.60", "standard")]),
        "credit note": w.invoice([("Coffee machine", -1, "349.99", "standard")]),
        "zero rated": w.invoice([("Newspaper", 12, "1.80", "zero")]),
        "exempt": w.invoice([("Course in baking", 1, "480.00", "exempt")]),
        "reverse charge": w.invoice([("Repair of the oven", 4, "65.00", "reverse")]),
        "intra-community": w.invoice([("Coffee machine", 2, "349.99", "intra")], w.dutch, **abroad),
        "export": w.invoice([("Waffles", 100, "0.85", "export")], w.american),
        "out of scope": w.invoice([("Deposit on crates", 6, "4.50", "outside")]),
        "two currencies": w.invoice([("Coffee machine", 1, "380.00", "standard")], currency=dollar),
        "allowances and charges": w.invoice(
            [coffee, ("Loyalty", -1, "20.00", "standard", allowance), ("Freight", 1, "12.50", "standard", freight)]
        ),
        "returned goods": w.invoice([coffee, ("Cups returned", -6, "1.50", "standard")]),
        "free of charge": w.invoice([coffee, ("Sample", 1, "0.00", "standard")]),
        "instalments": w.invoice([coffee], payment_term=w.instalments()),
    }
    if deposits:
        w.paid_before(deposits, "100.00")
        found["prepayment"] = w.invoice([coffee, ("Paid on order", 1, "-100.00", None, None, deposits)])
    return found


class MappingTestCase(DatabaseTestCase):
    """From the ledger to XML."""

    @with_transaction()
    def test_documents_are_valid_and_say_what_tryton_posted(self):
        with world() as w:
            drafts = cases(w)
            invoices = dict(zip(drafts, w.post(*drafts.values()), strict=True))
            read = {}
            for name, invoice in invoices.items():
                with self.subTest(name):
                    xml = bytes(invoice.einvoice_document)
                    read[name] = einvoice.read(xml)
                    self.assertEqual(einvoice.validate(xml, "peppol").verdict, Verdict.VALID)
                    self.assertEqual(read[name].totals.amount_due, abs(invoice.amount_to_pay))
                    self.assertEqual(read[name].totals.vat, abs(invoice.tax_amount))
                    self.assertEqual(read[name].number, invoice.number)
                    self.assertIsNone(invoice.einvoice_messages)
            self.assertEqual(read["credit note"].type_code, "381")
            self.assertEqual(read["credit note"].totals.amount_due, D("423.49"))
            self.assertEqual(read["two rates"].lines[2].quantity, D("0.375"))
            self.assertEqual({group.rate for group in read["two rates"].vat_breakdown}, {D(6), D(21)})
            self.assertEqual(read["exempt"].vat_breakdown[0].exemption_reason_code, "VATEX-EU-132-1I")
            self.assertEqual(read["intra-community"].delivery.address.country_code, "NL")
            self.assertEqual(read["two currencies"].totals.vat_in_accounting_currency, D("73.50"))
            self.assertEqual([item.amount for item in read["allowances and charges"].allowances], [D("20.00")])
            self.assertEqual([item.amount for item in read["allowances and charges"].charges], [D("12.50")])
            self.assertEqual(read["plain"].lines[0].item.name, "Coffee machine")
            self.assertEqual(read["plain"].lines[0].item.description, "Two groups")
            self.assertEqual(read["plain"].payment.credit_transfers[0].account_identifier, "BE71096123456769")
            self.assertEqual(read["plain"].payment_due_date, TODAY + timedelta(days=30))
            self.assertEqual(read["prepayment"].totals.paid_amount, D("100.00"))
            self.assertEqual(read["prepayment"].totals.amount_due, D("323.49"))
