"""Sending over Peppol as a service of Tryton's: the document is planned in the outbox, and what becomes of it comes back to it."""

from datetime import timedelta
from uuid import uuid4

from trytond.i18n import gettext
from trytond.model import Workflow, fields
from trytond.modules.edocument_peppol.exceptions import PeppolServiceError
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import Transaction

from einvoice.errors import EInvoiceError
from einvoice.outbox.effect import Effect, Outcome, Permission, State
from einvoice.settings import current
from einvoice.settings.peppol import HOSTED
from einvoice_peppol.http import Client
from einvoice_peppol.identifiers import DocumentType, Process, derive, participants
from einvoice_peppol.identifiers.kinds import kind
from einvoice_peppol.providers import installed
from einvoice_peppol.providers.port import Submission

from .exceptions import InvoiceNotValidError
from .invoice import POSTING

OWNER = "edocument.peppol"
_LOST = (State.FAILED, State.BOUNCED, State.DEAD, State.CANCELLED)
_OURS = {"invisible": Eval("service") != "einvoice", "required": Eval("service") == "einvoice"}


class PeppolService(metaclass=PoolMeta):
    """A service that sends over the access points that e-invoice settings name."""

    __name__ = "edocument.peppol.service"

    einvoice_via = fields.Selection(
        [(None, ""), *((name, name) for name in HOSTED)],
        "Access Point",
        states=_OURS,
        help="Its key stands in einvoice.toml on the server, not in the database.",
    )
    einvoice_live = fields.Boolean(
        "Live",
        states={"invisible": _OURS["invisible"]},
        help="Only a live service lets documents out; until then they wait.",
    )

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.service.selection.append(("einvoice", "E-Invoice Toolkit"))

    def _post_einvoice(self, document):
        """Plans the sending of a document in this transaction, and gives its key.

        Raises PeppolServiceError where the document does not say who sends it to whom.
        """
        Outbox = Pool().get("einvoice.outbox")
        try:
            effect = _effect(document, f"peppol:{self.einvoice_via}")
        except EInvoiceError as fault:
            raise PeppolServiceError(str(fault)) from fault
        return Outbox.plan(effect).key

    def _update_status_einvoice(self, document):
        """Asks the access point what became of a document that it took."""
        effect = document.einvoice_effect
        if effect is None or effect.state not in {State.SENT.value, State.UNKNOWN.value} or not effect.provider:
            return
        try:
            provider = installed.provider(effect.channel.partition(":")[2], current(), Client)
            outcome = provider.status(effect.provider) if provider else None
        except EInvoiceError:
            return  # it is asked again in the next round
        if outcome is not None and outcome.state.value != effect.state:
            effect.told([effect], outcome)


class Peppol(metaclass=PoolMeta):
    """A document on the network: it carries our valid XML, whichever service sends it."""

    __name__ = "edocument.peppol"

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls._transitions.add(("submitted", "failed"))

    @property
    def einvoice_effect(self):
        """What was planned for it; None where another service sends it, or nothing is planned yet."""
        found = Pool().get("einvoice.outbox").search([("key", "=", _key(self))], limit=1)
        return found[0] if found else None

    def render(self):
        """The document that was judged when the invoice was posted; nothing yet where Tryton (8.0) asks while it is being posted."""
        if self.type == "bis-billing-3" and self.invoice.einvoice_written_for:
            return self.invoice.einvoice_document
        if Transaction().context.get(POSTING) and self.invoice.einvoice_profile:
            return None
        return super().render()

    @classmethod
    @Workflow.transition("processing")
    def process(cls, documents):
        """Documents of invoices that are not valid fail at once; the others go on."""
        refused = {document: word for document in documents if (word := _refused(document))}
        for document, word in refused.items():
            cls.fail([document], status=word)
        sent = [document for document in documents if document not in refused]
        for document in sent:
            if document.direction == "out" and document.invoice and document.invoice.einvoice_written_for:
                document.data = document.render()
        cls.save(sent)
        super().process(sent)


class Documents:
    """The owner of the effects: Tryton's documents permit them and hear what became of them."""

    def may_send(self, pool, effect, now):
        """A document goes while it is being processed, by a service that is live."""
        document = _document(pool, effect)
        if document is None or document.state != "processing":
            return Permission(cancel="the document is no longer being processed")
        if not document.service.einvoice_live:
            return Permission(until=now + timedelta(minutes=5))
        return Permission()

    def happened(self, pool, effect, was, outcome, now):  # noqa: ARG002 - the protocol of owners
        """The document, and with it the invoice, says what became of it."""
        document = _document(pool, effect)
        if document is None or document.state != "processing":
            return
        model = pool.get("edocument.peppol")
        if outcome.state is State.DELIVERED:
            model.succeed([document], status=outcome.state.value)
        elif outcome.state in _LOST:
            model.fail([document], status=outcome.reason or outcome.state.value)
        else:
            model.write([document], {"status": ": ".join(filter(None, (outcome.state.value, outcome.reason)))})


class Hosted:
    """The sender of a channel `peppol:NAME`: a hosted access point."""

    def __init__(self, provider, client):
        self._provider, self._client = provider, client
        self.recognises_keys = provider.recognises_keys

    def send(self, effect):
        """Hands the document over once, and says what the provider says."""
        try:
            submission = _submission(effect)
        except EInvoiceError as fault:
            return Outcome(State.FAILED, reason=str(fault), answered=True)
        return self._provider.send(submission)

    def close(self):
        """Ends its connections."""
        self._client.close()


class Outbox(metaclass=PoolMeta):
    """The outbox, with Peppol's owner and senders."""

    __name__ = "einvoice.outbox"

    @classmethod
    def owners(cls):
        """Peppol's documents beside the others."""
        return {**super().owners(), OWNER: Documents()}

    @classmethod
    def senders(cls):
        """The hosted access points of the settings beside the others."""
        settings, found = current(), dict(super().senders())
        for name in HOSTED:
            client = Client()
            provider = installed.provider(name, settings, lambda client=client: client)
            if provider is None:
                client.close()
            else:
                found[f"peppol:{name}"] = Hosted(provider, client)
        return found


class Cron(metaclass=PoolMeta):
    """What may be run by the clock."""

    __name__ = "ir.cron"

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.method.selection.append(("einvoice.outbox|relay", "Send E-Invoices"))


def _key(document):
    return f"{Transaction().database.name}:{document}"


def _refused(document):
    """Why a document cannot be sent; None where it can."""
    if document.direction != "out" or document.type != "bis-billing-3":
        return None
    if not document.invoice.einvoice_written_for:
        return gettext("einvoice_toolkit.msg_document_not_valid", invoice=document.invoice.rec_name) if _is_ours(document) else None
    try:
        document.invoice.einvoice_document  # noqa: B018 - it raises where it may not be sent
    except InvoiceNotValidError as fault:
        return fault.message
    return None


def _is_ours(document):
    return document.service.service == "einvoice"


def _document(pool, effect):
    found = pool.get("edocument.peppol").search([("id", "=", int(effect.subject.partition(",")[2]))])
    return found[0] if found else None


def _effect(document, channel):
    data = bytes(document.data)
    stated = derive.of(data)
    if stated.sender is None or stated.receiver is None or stated.country is None:
        raise EInvoiceError("the invoice does not say from which address to which it goes: give both parties an electronic address")
    headers = {
        "sender": stated.sender.id,
        "receiver": stated.receiver.id,
        "document_type": stated.document.value,
        "document_scheme": stated.document.scheme,
        "process": stated.process.value,
        "process_scheme": stated.process.scheme,
        "country": stated.country,
        "number": stated.number,
        "kind": kind(stated.document),
        "instance_id": str(uuid4()),
    }
    return Effect(_key(document), OWNER, str(document), channel, stated.receiver.id, data, headers)


def _submission(effect):
    told = effect.headers
    return Submission(
        key=effect.key,
        sender=participants.parse(told["sender"], strict=False),
        receiver=participants.parse(told["receiver"], strict=False),
        document=DocumentType(told["document_type"], told["document_scheme"]),
        process=Process(told["process"], told["process_scheme"]),
        country=told["country"],
        instance_id=told["instance_id"],
        data=effect.payload,
        number=told["number"],
        kind=told["kind"],
    )
