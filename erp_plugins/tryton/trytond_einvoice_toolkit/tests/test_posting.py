"""What is not valid is not posted and says why, in the user's language; a setting lowers that to a warning."""

from trytond.pool import Pool
from trytond.tests.test_tryton import with_transaction
from trytond.transaction import Transaction

from trytond_einvoice_toolkit.exceptions import InvoiceNotValidError, InvoiceNotValidWarning

from .databases import DatabaseTestCase
from .world import world


def _with_fault(w, **more):
    """An invoice whose tax does not say why nothing is charged."""
    return w.invoice([("Course in baking", 1, "480.00", "nothing said")], **more)


class PostingTestCase(DatabaseTestCase):
    """The gate."""

    @with_transaction()
    def test_what_is_not_valid_is_not_posted(self):
        with world() as w:
            self._blocks(w)
            self._says_why(w)
            self._is_lowered_by_a_setting(w)
            self._is_for_customers_that_want_it(w)

    def _blocks(self, w):
        draft = w.invoice([("Bread", 1, "2.50", "reduced")], reference=None)
        with self.assertRaises(InvoiceNotValidError) as raised:
            w.post(draft)
        self.assertIn("PEPPOL-EN16931-R003", raised.exception.description)
        self.assertIn("https://docs.peppol.eu/", raised.exception.description)

    def _says_why(self, w):
        for language, word in (("nl", "regel"), ("en", "line"), ("de", "Zeile"), ("fr", "ligne")):
            with Transaction().set_context(language=language), self.assertRaises(InvoiceNotValidError) as raised:
                w.post(_with_fault(w))
            self.assertIn(f"{word} 1", raised.exception.description)

    def _is_lowered_by_a_setting(self, w):
        configuration = Pool().get("account.configuration")(1)
        configuration.einvoice_findings = "warn"
        configuration.save()
        with self.assertRaises(InvoiceNotValidWarning):
            Pool().get("account.invoice").post([_with_fault(w, customer=w.dutch)])
        (invoice,) = w.post(_with_fault(w))
        self.assertEqual((invoice.state, invoice.einvoice_verdict), ("posted", "invalid"))
        self.assertTrue(invoice.einvoice_messages)
        with self.assertRaises(InvoiceNotValidError):
            _ = invoice.einvoice_document
        configuration.einvoice_findings = "block"
        configuration.save()

    def _is_for_customers_that_want_it(self, w):
        w.belgian.einvoice_profile = "none"
        w.belgian.save()
        (invoice,) = w.post(_with_fault(w))
        self.assertEqual((invoice.state, invoice.einvoice_verdict, invoice.einvoice_attachment), ("posted", None, None))
        w.belgian.einvoice_profile = None
        w.belgian.save()
        (valid,) = w.post(w.invoice([("Bread", 1, "2.50", "reduced")]))
        self.assertEqual(valid.einvoice_attachment.resource, valid)
        valid.einvoice_attachment.data = b"<Invoice/>"
        valid.einvoice_attachment.save()
        with self.assertRaises(InvoiceNotValidError):
            _ = valid.einvoice_document
        (copied,) = Pool().get("account.invoice").copy([valid])
        self.assertEqual((copied.einvoice_verdict, copied.einvoice_attachment), (None, None))
