"""From a posted invoice to an access point and back, each step in a committed transaction of its own."""

import os
import tempfile
import unittest
from base64 import b64decode
from contextlib import contextmanager
from pathlib import Path

from trytond.modules.company.tests import set_company
from trytond.pool import Pool
from trytond.tests.test_tryton import DB_NAME
from trytond.transaction import Transaction

from einvoice.settings import current

from .databases import DatabaseTestCase, in_transaction
from .world import World, world

try:
    from tests.providers.peppol import peppyrus
except ImportError:  # the module is tested away from the repository whose server this is
    peppyrus = None


@unittest.skipIf(peppyrus is None, "the server that behaves as Peppyrus stands in the repository of einvoice-toolkit")
class SendingTestCase(DatabaseTestCase):
    """The outbox in Tryton's own tables."""

    def setUp(self):
        super().setUp()
        self.access_point = peppyrus.Peppyrus()
        self.enterContext(self._settings())

    @contextmanager
    def _settings(self):
        with tempfile.TemporaryDirectory() as folder, self.access_point.served() as base:
            key = Path(folder, "key")
            key.write_text(peppyrus.KEY)
            key.chmod(0o600)
            config = Path(folder, "einvoice.toml")
            config.write_text(f'[peppyrus]\nkey = "file:{key}"\napi = "{base}/v1"\n')
            os.environ["EINVOICE_CONFIG"] = str(config)
            current.cache_clear()
            yield
            del os.environ["EINVOICE_CONFIG"]
            current.cache_clear()

    def test_the_whole_way(self):
        self.company = in_transaction(_built)
        self._nothing_leaves_before_commit()
        invoice = self._posted()
        self._waits_until_live(invoice)
        self._is_sent_once(invoice)
        self._is_delivered(invoice)
        self._comes_back()
        self._is_unknown_where_nobody_knows()
        self._is_not_sent_where_it_is_not_valid()

    def _nothing_leaves_before_commit(self):
        with self.assertRaises(_RolledBackError):
            in_transaction(self._post, then=_RolledBackError)
        self._relay()
        self.assertEqual(len(self.access_point.messages), 0)
        self.assertEqual(in_transaction(lambda: Pool().get("einvoice.outbox").search([], count=True)), 0)

    def _waits_until_live(self, invoice):
        self._relay()
        self.assertEqual((len(self.access_point.messages), self._delivery(invoice)), (0, "waiting"))
        in_transaction(_made_live)

    def _is_sent_once(self, invoice):
        for _ in range(3):
            self._relay()
        self.assertEqual((len(self.access_point.messages), self._delivery(invoice)), (1, "sent"))
        (message,) = self.access_point.messages.values()
        self.assertEqual(message["recipient"].split("::")[-1], "0208:0999912325")
        stored = in_transaction(lambda: bytes(Pool().get("account.invoice")(invoice).einvoice_document))
        self.assertEqual(b64decode(message["fileContent"]), stored)

    def _is_delivered(self, invoice):
        self.access_point.delivers(next(iter(self.access_point.messages)))
        in_transaction(_followed)
        self.assertEqual((self._delivery(invoice), self._document(invoice)[0]), ("delivered", "succeeded"))

    def _comes_back(self):
        invoice = self._posted()
        self._relay()
        self.access_point.fails(list(self.access_point.messages)[-1])
        in_transaction(_followed)
        state, status = self._document(invoice)
        self.assertEqual((self._delivery(invoice), state), ("failed", "failed"))
        self.assertTrue(status)

    def _is_unknown_where_nobody_knows(self):
        invoice = self._posted()
        self.access_point.cuts, before = 1, len(self.access_point.messages)
        for _ in range(3):
            self._relay()
        self.assertEqual((len(self.access_point.messages) - before, self._delivery(invoice)), (1, "unknown"))
        in_transaction(_asked)
        self.assertEqual(self._delivery(invoice), "sent")

    def _is_not_sent_where_it_is_not_valid(self):
        before = len(self.access_point.messages)
        in_transaction(_warns)
        invoice = in_transaction(lambda: self._post("nothing said"))
        self._relay()
        state, status = self._document(invoice)
        self.assertEqual((len(self.access_point.messages) - before, self._delivery(invoice), state), (0, "refused", "failed"))
        self.assertTrue(status)

    def _post(self, tax="standard"):
        with set_company(Pool().get("company.company")(self.company)):
            w = World(Pool().get("company.company")(self.company), exists=True)
            (invoice,) = w.post(w.invoice([("Coffee machine", 1, "349.99", tax)]))
            return invoice.id

    def _posted(self):
        return in_transaction(self._post)

    def _relay(self):
        """As Tryton's cron calls it."""
        with Transaction().start(DB_NAME, 0):
            Pool().get("einvoice.outbox").relay()

    def _document(self, invoice):
        def read():
            (document,) = Pool().get("account.invoice")(invoice).peppol
            return document.state, document.status

        return in_transaction(read)

    def _delivery(self, invoice):
        return in_transaction(lambda: Pool().get("account.invoice")(invoice).einvoice_delivery)


class _RolledBackError(Exception):
    """What ends a transaction that is to leave nothing."""


def _built():
    with world() as w:
        Service = Pool().get("edocument.peppol.service")
        Service.create([{"company": w.company.id, "service": "einvoice", "einvoice_via": "peppyrus", "types": ["bis-billing-3"]}])
        w.belgian.set_multivalue("peppol_types", ["bis-billing-3"], company=w.company.id)
        return w.company.id


def _made_live():
    Service, Outbox = Pool().get("edocument.peppol.service"), Pool().get("einvoice.outbox")
    Service.write(Service.search([]), {"einvoice_live": True})
    waiting = Outbox.search([("state", "=", "planned")])
    Outbox.write(waiting, {"next_at": waiting[0].created_at})  # the clock goes on: what waits is due


def _followed():
    Pool().get("edocument.peppol").update_status()


def _asked():
    Outbox = Pool().get("einvoice.outbox")
    Outbox.arrived(Outbox.search([("state", "=", "unknown")]))


def _warns():
    configuration = Pool().get("account.configuration")(1)
    for company in Pool().get("company.company").search([]):
        configuration.set_multivalue("einvoice_findings", "warn", company=company.id)
