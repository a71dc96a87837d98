"""A customer invoice: mapped, written and judged while it is posted; what is not valid stops the posting, or warns."""

from hashlib import sha256

from trytond.i18n import gettext
from trytond.model import fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import Transaction

from einvoice.errors import EInvoiceError
from einvoice_plugins import mapping as contract
from einvoice_plugins import posting
from einvoice_plugins.delivery import Delivery, of_carrier

from . import mapping
from .exceptions import InvoiceNotValidError, InvoiceNotValidWarning

POSTING = "einvoice_posting"
"""In the context while Tryton posts: what is to be sent is not judged yet."""
_DRAFT = {"readonly": Eval("state") != "draft", "invisible": Eval("type") != "out"}
_OTHERS = {
    "draft": Delivery.WAITING,
    "submitted": Delivery.WAITING,
    "processing": Delivery.WAITING,
    "succeeded": Delivery.DELIVERED,
    "failed": Delivery.REFUSED,
    "retried": Delivery.REFUSED,
    "cancelled": Delivery.NOT_SENT,
}
"""What the states of a document mean where another service, or nobody yet, carries it."""
_OURS = {"einvoice_verdict", "einvoice_messages", "einvoice_hash", "einvoice_attachment", "einvoice_written_for"}


class Invoice(metaclass=PoolMeta):
    """A customer invoice, with the document that was made of it and what was found in that."""

    __name__ = "account.invoice"

    einvoice_delivered = fields.Date("Delivered on", states=_DRAFT, help="Required for supplies within the European Union.")
    einvoice_delivery_address = fields.Many2One(
        "party.address",
        "Delivered to",
        ondelete="RESTRICT",
        states=_DRAFT,
        help="Required for supplies within the European Union.",
    )
    einvoice_verdict = fields.Selection(
        [(None, ""), ("valid", "Valid"), ("invalid", "Not valid"), ("not_judged", "Not checked")],
        "E-Invoice",
        readonly=True,
        sort=False,
        states={"invisible": ~Eval("einvoice_verdict")},
    )
    einvoice_messages = fields.Text("Findings", readonly=True, states={"invisible": ~Eval("einvoice_messages")})
    einvoice_written_for = fields.Char("E-Invoice Profile", readonly=True)
    einvoice_hash = fields.Char("E-Invoice Hash", readonly=True)
    einvoice_attachment = fields.Many2One(
        "ir.attachment",
        "E-Invoice Document",
        readonly=True,
        ondelete="RESTRICT",
        states={"invisible": ~Eval("einvoice_attachment")},
    )

    einvoice_delivery = fields.Function(
        fields.Selection("get_einvoice_deliveries", "Delivery", states={"invisible": Eval("type") != "out"}, sort=False),
        "get_einvoice_delivery",
    )

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._check_modify_exclude |= _OURS

    @classmethod
    def _post(cls, invoices):
        fresh = [invoice.id for invoice in invoices if invoice.type == "out" and invoice.state in {"draft", "validated"}]
        with Transaction().set_context(**{POSTING: True}):
            super()._post(invoices)
        cls._einvoice_judge(cls.browse(fresh))

    @classmethod
    def _einvoice_judge(cls, invoices):
        """Writes and judges invoices that have just been posted, and keeps what was written.

        Raises InvoiceNotValidError, InvoiceNotValidWarning: then nothing was posted.
        """
        judged = {invoice: invoice._einvoice_judged() for invoice in invoices if invoice.einvoice_profile}
        cls._einvoice_blocked([(invoice, found) for invoice, found in judged.items() if found.blocks])
        cls._einvoice_warned([(invoice, found) for invoice, found in judged.items() if not found.blocks and not found.may_send])
        attachments = cls._einvoice_attached([(invoice, found) for invoice, found in judged.items() if found.xml])
        for invoice, found in judged.items():
            invoice.einvoice_verdict = "valid" if found.may_send else found.verdict
            invoice.einvoice_messages = found.text or None
            invoice.einvoice_written_for = invoice.einvoice_profile
            invoice.einvoice_hash = sha256(found.xml).hexdigest() if found.xml else None
            invoice.einvoice_attachment = attachments.get(invoice)
        cls.save(list(judged))

    @classmethod
    def _einvoice_blocked(cls, blocked):
        if blocked:
            names = ", ".join(invoice.rec_name for invoice, _ in blocked)
            raise InvoiceNotValidError(gettext("einvoice_toolkit.msg_invoice_not_valid", invoices=names), "\n\n".join(_named(blocked)))

    @classmethod
    def _einvoice_warned(cls, doubtful):
        confirmed = Pool().get("res.user.warning")
        if not doubtful:
            return
        key = confirmed.format("einvoice_not_valid", [invoice for invoice, _ in doubtful])
        if confirmed.check(key):
            names = ", ".join(invoice.rec_name for invoice, _ in doubtful)
            raise InvoiceNotValidWarning(
                key, gettext("einvoice_toolkit.msg_invoice_not_valid_warning", invoices=names), "\n\n".join(_named(doubtful))
            )

    @classmethod
    def _einvoice_attached(cls, written):
        """The documents, attached to their invoices."""
        Attachment = Pool().get("ir.attachment")
        attachments = Attachment.create(
            [{"name": f"{invoice.number}.xml", "type": "data", "data": found.xml, "resource": str(invoice)} for invoice, found in written]
        )
        return {invoice: attachment for (invoice, _), attachment in zip(written, attachments, strict=True)}

    @property
    def einvoice_profile(self):
        """The rules that it is held to: its customer's, else its company's; None where there are none."""
        profile = self.party.einvoice_profile or self._einvoice_setting("einvoice_profile")
        return None if profile == "none" else profile

    @property
    def einvoice_document(self):
        """The document that may be sent: valid, and unchanged since it was judged.

        Raises InvoiceNotValidError.
        """
        data = self.einvoice_attachment.data if self.einvoice_attachment else None
        if self.einvoice_verdict != "valid" or not data:
            raise InvoiceNotValidError(gettext("einvoice_toolkit.msg_document_not_valid", invoice=self.rec_name))
        if sha256(data).hexdigest() != self.einvoice_hash:
            raise InvoiceNotValidError(gettext("einvoice_toolkit.msg_document_changed", invoice=self.rec_name))
        return data

    @classmethod
    def get_einvoice_deliveries(cls):
        """The states of delivery, in the user's language."""
        return [(state.value, state.label(Transaction().language)) for state in Delivery]

    def get_einvoice_delivery(self, name):  # noqa: ARG002 - Tryton's getters are told the field
        """Where the newest document of the invoice stands."""
        documents = [document for document in self.peppol if document.direction == "out"]
        if not documents:
            return Delivery.NOT_SENT.value
        newest = max(documents, key=lambda document: document.id)
        effect = newest.einvoice_effect
        return of_carrier(effect.state).value if effect else _OTHERS[newest.state].value

    def _einvoice_setting(self, name):
        Configuration = Pool().get("account.configuration")
        return Configuration(1).get_multivalue(name, company=self.company.id)

    def _einvoice_judged(self):
        """What would be sent and what is wrong with it; an invoice that cannot even be mapped is not judged, and blocks."""
        language = Transaction().language
        weigh = self._einvoice_setting("einvoice_findings")
        try:
            mapped = contract.invoice(mapping.record(self))
            found = posting.judge(mapped, self.einvoice_profile, weigh=weigh, language=language)
        except (EInvoiceError, ValueError) as fault:
            return _Found(None, "not_judged", weigh != "warn", False, str(fault))
        verdict = "invalid" if found.report.verdict == "valid" else str(found.report.verdict).replace(" ", "_").replace("-", "_")
        return _Found(found.xml, verdict, found.blocks, found.may_send, posting.readable(found, language))

    @classmethod
    def copy(cls, invoices, default=None):
        """A copy is a new invoice, of which nothing is known."""
        default = {} if default is None else default.copy()
        for name in _OURS:
            default.setdefault(name)
        return super().copy(invoices, default=default)


class _Found:
    """What came of judging an invoice."""

    def __init__(self, xml, verdict, blocks, may_send, text):
        self.xml, self.verdict, self.blocks, self.may_send, self.text = xml, verdict, blocks, may_send, text


def _named(judged):
    """What was found in each invoice, under its name where there are several."""
    for invoice, found in judged:
        yield f"{invoice.rec_name}\n{found.text}" if len(judged) > 1 else found.text
