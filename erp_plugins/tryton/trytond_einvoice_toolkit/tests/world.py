"""A Belgian company that sells bread and coffee machines, in the transaction of a test: chart, taxes, customers, a bank account."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from trytond.modules.account.tests import create_chart, get_fiscalyear
from trytond.modules.account_invoice.tests import set_invoice_sequences
from trytond.modules.company.tests import create_company, set_company
from trytond.modules.currency.tests import create_currency
from trytond.pool import Pool
from trytond.transaction import Transaction

TODAY = date.today()  # noqa: DTZ011 - Tryton asks the same clock, and warns of what is past
_TAXES = {
    "standard": ("0.21", "S", None, None),
    "reduced": ("0.06", "AA", None, None),
    "zero": ("0", "Z", None, None),
    "exempt": ("0", "E", "VATEX-EU-132-1I", "Education: article 132(1)(i) of Directive 2006/112/EC"),
    "reverse": ("0", "AE", None, None),
    "intra": ("0", "K", None, None),
    "export": ("0", "G", None, None),
    "outside": ("0", "O", None, None),
    "nothing said": ("0", None, None, None),
}

_CUSTOMERS = [
    ("Café du Pont SRL", "BE", "Rue du Pont 3", "Namur", "5000", [("be_businessid", "0999912325"), ("be_vat", "0999912325")]),
    ("Grachtcafé B.V.", "NL", "Herengracht 1", "Amsterdam", "1015 BA", [("nl_vat", "000099998B57")]),
    ("Liberty Bakery Inc.", "US", "1 Main Street", "Boston", "02108", [("us_ein", "04-2103594")]),
]


class World:
    """What the invoices of a test are made of."""

    def __init__(self, company, *, exists=False):
        self.company = company
        self.home = company.currency
        Account = Pool().get("account.account")
        self.revenue = self._account("revenue", Account)
        self.receivable = self._account("receivable", Account)
        if exists:
            self._found()
            return
        self.taxes = {name: self._tax(name, *stated) for name, stated in _TAXES.items()}
        self.term = self._term()
        self.belgian, self.dutch, self.american = (self._party(*stated) for stated in _CUSTOMERS)

    def _found(self):
        """What an earlier transaction made."""
        Party = Pool().get("party.party")
        self.taxes = {tax.name: tax for tax in Pool().get("account.tax").search([("company", "=", self.company)])}
        self.belgian, self.dutch, self.american = (Party.search([("name", "=", stated[0])])[0] for stated in _CUSTOMERS)

    def _account(self, kind, Account):
        found = Account.search([(f"type.{kind}", "=", True), ("company", "=", self.company), ("closed", "!=", True)], limit=1)
        return found[0]

    def _tax(self, name, rate, category, exemption, notice):
        Tax, Account = Pool().get("account.tax"), Pool().get("account.account")
        (account,) = Account.search([("code", "=", "6.3.6"), ("company", "=", self.company)], limit=1)
        tax = Tax(name=name, description=name, type="percentage", rate=Decimal(rate), invoice_account=account, credit_note_account=account)
        tax.unece_code, tax.unece_category_code = "VAT", category
        tax.einvoice_exemption, tax.legal_notice = exemption, notice
        tax.save()
        return tax

    def _term(self):
        Term = Pool().get("account.invoice.payment_term")
        return Term.create(
            [{"name": "30 days", "lines": [("create", [{"type": "remainder", "relativedeltas": [("create", [{"days": 30}])]}])]}]
        )[0]

    def _party(self, name, country, street, city, postal_code, identifiers):
        return party(name, country, street, city, postal_code, identifiers, self.receivable, self.term)

    def invoice(self, lines, customer=None, currency=None, **more):
        """A draft invoice, saved; a line is (words, quantity, price, name of its tax), or with a product before the tax."""
        Invoice, Line = Pool().get("account.invoice"), Pool().get("account.invoice.line")
        invoice = Invoice(type="out", company=self.company, party=customer or self.belgian, currency=currency or self.home)
        invoice.set_journal()
        invoice.on_change_party()
        invoice.invoice_date = TODAY
        invoice.reference = "T-17"
        for name, value in more.items():
            setattr(invoice, name, value)
        invoice.lines = [self.line(Line, invoice, *each) for each in lines]
        invoice.save()
        return invoice

    def line(self, Line, invoice, words, quantity, price, tax=None, product=None, account=None):
        """A line of an invoice."""
        line = Line(type="line", company=self.company, currency=invoice.currency, account=account or self.revenue)
        line.description, line.quantity, line.unit_price, line.product = words, quantity, Decimal(price), product
        line.unit = product.default_uom if product else None
        line.taxes = [self.taxes[tax]] if tax else []
        return line

    def product(self, name, **more):
        """A product; `more` goes to its template."""
        Unit, Template = Pool().get("product.uom"), Pool().get("product.template")
        (unit,) = Unit.search([("symbol", "=", "u")], limit=1)
        (category,) = Pool().get("product.category").create([{"name": name, "accounting": True, "account_revenue": self.revenue.id}])
        template = Template(name=name, default_uom=unit, type="service", list_price=Decimal(0), account_category=category, **more)
        template.products = [{}]
        template.save()
        return template.products[0]

    def instalments(self):
        """A term of two halves."""
        half = {"type": "percent_on_total", "ratio": Decimal("0.5"), "divisor": Decimal(2)}
        lines = [
            half | {"relativedeltas": [("create", [{"days": 30}])]},
            {"type": "remainder", "relativedeltas": [("create", [{"days": 60}])]},
        ]
        return Pool().get("account.invoice.payment_term").create([{"name": "In two parts", "lines": [("create", lines)]}])[0]

    def deposit_account(self):
        """The account of deposits; None where the module of deposits is not activated."""
        Type, Account = Pool().get("account.account.type"), Pool().get("account.account")
        if not hasattr(Type, "deposit"):
            return None
        kind = Type(name="Deposits", company=self.company, statement="balance", deposit=True)
        kind.save()
        account = Account(name="Deposits", company=self.company, type=kind, party_required=True, reconcile=True)
        account.save()
        return account

    def paid_before(self, account, amount):
        """Books what the customer paid beforehand."""
        Move, Journal, Period = Pool().get("account.move"), Pool().get("account.journal"), Pool().get("account.period")
        (cash,) = Pool().get("account.account").search([("code", "=", "1.1.1"), ("company", "=", self.company)], limit=1)
        (journal,) = Journal.search([("type", "=", "cash")], limit=1)
        move = Move(company=self.company, journal=journal, date=TODAY, period=Period.find(self.company, date=TODAY))
        paid = {"account": account, "party": self.belgian, "credit": Decimal(amount), "debit": Decimal(0)}
        Line = Pool().get("account.move.line")
        move.lines = [Line(**paid), Line(account=cash, debit=Decimal(amount), credit=Decimal(0))]
        move.save()
        Move.post([move])

    def post(self, *invoices):
        """Posts invoices, and gives them as they are then."""
        Invoice = Pool().get("account.invoice")
        with Transaction().set_context(_skip_warnings=True):
            Invoice.post(list(invoices))
        return Invoice.browse([invoice.id for invoice in invoices])


def party(name, country, street, city, postal_code, identifiers, receivable=None, term=None):
    """A party with an address and identifiers."""
    Party, Country = Pool().get("party.party"), Pool().get("country.country")
    found = Country.search([("code", "=", country)]) or Country.create([{"name": country, "code": country}])
    address = {"street_unstructured": street, "city": city, "postal_code": postal_code, "country": found[0].id}
    numbers = [{"type": kind, "code": code} for kind, code in identifiers]
    (made,) = Party.create([{"name": name, "addresses": [("create", [address])], "identifiers": [("create", numbers)]}])
    if receivable:
        made.account_receivable, made.customer_payment_term = receivable, term
        made.save()
    return made


@contextmanager
def world():
    """The company, its books open for the year of `TODAY`."""
    pool = Pool()
    euro = create_currency("EUR")
    euro.code = "EUR"
    euro.save()
    pool.get("currency.currency.rate").create([{"currency": euro.id, "date": TODAY.replace(month=1, day=1), "rate": Decimal(1)}])
    company = create_company("Bakkerij De Korenmolen BV", euro)
    with set_company(company):
        own = company.party
        address = own.addresses[0]
        told = party("x", "BE", "Korenmarkt 12", "Gent", "9000", []).addresses[0]
        address.street_unstructured, address.city, address.postal_code, address.country = "Korenmarkt 12", "Gent", "9000", told.country
        address.save()
        Identifier = pool.get("party.identifier")
        Identifier.create([{"party": own.id, "type": kind, "code": "0999999031"} for kind in ("be_businessid", "be_vat")])
        Mechanism = pool.get("party.contact_mechanism")
        Mechanism.create([{"party": own.id, "type": "email", "value": "boekhouding@korenmolen.example"}])
        create_chart(company, chart="account.account_template_root_en")
        year = set_invoice_sequences(get_fiscalyear(company, today=TODAY))
        year.save()
        year.create_period([year])
        bank_account(own)
        exchange_accounts(company)
        yield World(company)


def bank_account(owner):
    """An account of the company, told on each invoice."""
    pool = Pool()
    if "bank.account" not in dict(pool.iterobject()):
        return
    Bank, Account, Rule = pool.get("bank"), pool.get("bank.account"), pool.get("account.invoice.payment.mean.rule")
    bank = Bank(party=party("Bank", "BE", "x", "x", "1000", []), bic="GKCCBEBB")
    bank.save()
    numbers = [{"type": "iban", "number": "BE71096123456769"}]
    (account,) = Account.create([{"bank": bank.id, "owners": [("add", [owner.id])], "numbers": [("create", numbers)]}])
    Rule.create([{"instrument": str(account)}])


def exchange_accounts(company):
    """Where the books put what rounding leaves of two currencies."""
    Account = Pool().get("account.account")
    configuration = Pool().get("account.configuration")(1)
    for side, kind in (("debit", "expense"), ("credit", "revenue")):
        (account,) = Account.search([(f"type.{kind}", "=", True), ("company", "=", company), ("closed", "!=", True)], limit=1)
        setattr(configuration, f"currency_exchange_{side}_account", account)
    configuration.save()
