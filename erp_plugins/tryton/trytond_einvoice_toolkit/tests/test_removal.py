"""The module is upgraded twice, which changes nothing, and is deactivated: Tryton goes on without it."""

from trytond.modules.company.tests import set_company
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME
from trytond.transaction import Transaction

from .databases import DatabaseTestCase, in_transaction
from .world import World, world

_NAME = "einvoice_toolkit"
_SHOWN = (
    "SELECT name, type, priority FROM ir_ui_view WHERE module = 'einvoice_toolkit'",
    "SELECT method, interval_number, interval_type FROM ir_cron WHERE method = 'einvoice.outbox|relay'",
)
_REMEMBERED = (
    "SELECT model, name, ttype FROM ir_model_field WHERE module = 'einvoice_toolkit'",
    "SELECT text FROM ir_message m JOIN ir_model_data ON db_id = m.id AND model = 'ir.message' WHERE module = 'einvoice_toolkit'",
)


class RemovalTestCase(DatabaseTestCase):
    """After installing."""

    def test_upgrades_change_nothing_and_tryton_works_without_the_module(self):
        company = in_transaction(_built)
        posted = in_transaction(lambda: _posted(company))
        self._is_upgraded_twice()
        _change("deactivate")
        models = in_transaction(lambda: {name for name, _ in Pool().iterobject()})
        self.assertFalse({"einvoice.outbox", "account.configuration.einvoice"} & models)
        self.assertEqual(in_transaction(lambda: _read(_SHOWN)), [])  # what Tryton remembers of fields does nothing
        after = in_transaction(lambda: _posted(company))
        states = in_transaction(lambda: [invoice.state for invoice in Pool().get("account.invoice").browse([posted, after])])
        self.assertEqual(states, ["posted", "posted"])

    def _is_upgraded_twice(self):
        before = in_transaction(_ours)
        self.assertTrue(before)
        for _ in range(2):
            _change("upgrade")
            self.assertEqual(in_transaction(_ours), before)


def _built():
    with world() as w:
        return w.company.id


def _posted(company):
    Company = Pool().get("company.company")
    with set_company(Company(company)):
        w = World(Company(company), exists=True)
        (invoice,) = w.post(w.invoice([("Bread", 1, "2.50", "reduced")]))
        return invoice.id


def _change(how):
    """Upgrades or deactivates the module as an administrator does."""
    with Transaction().start(DB_NAME, 1, close=True) as transaction:
        Module, Perform = Pool().get("ir.module"), Pool().get("ir.module.activate_upgrade", type="wizard")
        getattr(Module, how)(Module.search([("name", "=", _NAME)]))
        transaction.commit()
        session, _, _ = Perform.create()
        transaction.commit()
        Perform(session).transition_upgrade()
        transaction.commit()
    Pool.stop(DB_NAME)
    with Transaction().start(DB_NAME, 0, readonly=True):
        Pool(DB_NAME).init()


def _ours():
    """What of the database is the module's, with what it holds."""
    return _read((*_SHOWN, *_REMEMBERED))


def _read(queries):
    cursor = Transaction().connection.cursor()
    found = []
    for query in queries:
        cursor.execute(query)
        found += sorted(tuple(map(str, row)) for row in cursor.fetchall())
    return found
