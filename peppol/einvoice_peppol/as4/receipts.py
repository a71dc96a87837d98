"""Receipts and errors: made for what came, verified against what was sent (AS4 profile 1.0 5.1.8, ebBP signals 2.0, ebMS 3.0 core 6).

A receipt proves that a message arrived only where all of it fits: it is signed by the receiver's own certificate, which is trusted now,
it names the message, and it repeats what our signature covers, part by part. Everything else proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import NamedTuple, NoReturn

from cryptography.x509 import Certificate
from lxml import etree

from einvoice.errors import ReceiptError, Rejected
from einvoice_peppol.as4 import canonical, ebms, signals, signing, verification
from einvoice_peppol.as4.ebms import Refused
from einvoice_peppol.as4.envelope import Envelope
from einvoice_peppol.as4.message import SIGNALS, Reference
from einvoice_peppol.as4.packaging import moment
from einvoice_peppol.as4.receiving import Received
from einvoice_peppol.http import Answer
from einvoice_peppol.pki.identity import Identity, Trust

CONTENT_TYPE = "application/soap+xml; charset=UTF-8"
_WORDS = 500


class Proof(NamedTuple):
    """A verified receipt: its own id and moment, the seat that signed it, the receipt as it came."""

    message_id: str
    timestamp: datetime
    seat: str
    data: bytes


def receipt(received: Received, own: Identity, now: datetime) -> tuple[str, bytes]:
    """Our signed receipt of non-repudiation for a message, with its Content-Type."""
    parts = "".join(f"<ebbp:MessagePartNRInformation>{_repeated(part)}</ebbp:MessagePartNRInformation>" for part in received.signed)
    content = f'<eb:Receipt><ebbp:NonRepudiationInformation xmlns:ebbp="{SIGNALS}">{parts}</ebbp:NonRepudiationInformation></eb:Receipt>'
    return CONTENT_TYPE, _signal(content, received.message.message_id, own, now)


def error(refused: Refused, own: Identity | None, now: datetime) -> tuple[str, bytes]:
    """The error signal for what is refused, signed where we have an identity, with its Content-Type."""
    said, about = refused.error, canonical.readable(refused.message_id or "")
    named = f' refToMessageInError="{canonical.attribute(about)}"' if about else ""
    detail = canonical.text(canonical.readable(refused.detail[:_WORDS]))
    content = (
        f'<eb:Error category="{said.category}" errorCode="{said.code}" origin="{said.origin}"{named} severity="{said.severity}"'
        f' shortDescription="{said.short}"><eb:Description xml:lang="en">{detail}</eb:Description>'
        f"<eb:ErrorDetail>{detail}</eb:ErrorDetail></eb:Error>"
    )
    return CONTENT_TYPE, _signal(content, about, own, now)


def verify(
    answer: Answer, message_id: str, references: Sequence[Reference], trust: Trust, certificate: Certificate, now: datetime
) -> Proof:
    """The proof that an answer is, that the receiver (`certificate`) has the message and all that was signed of it.

    Raises Rejected with the error's code where the other side refuses it (an error need not be signed; it proves nothing but itself);
    ReceiptError for everything that is no proof; NotChecked where all of it fits and only whether the signer was revoked cannot be found
    out now: the same answer may prove it later.
    """
    try:
        signal = signals.read(answer.headers.get("content-type", ""), answer.body)
    except Refused as fault:
        raise ReceiptError(f"the answer is no receipt: {fault.detail}") from None
    if isinstance(signal, signals.ErrorSignal):
        _refuse(signal, message_id)
    if not 200 <= answer.status < 300:
        raise ReceiptError(f"a receipt came with HTTP {answer.status}, which is no success")
    if signal.about != message_id:
        raise ReceiptError(f"the receipt is for {signal.about[:100]!r}, not for {message_id!r}")
    if sorted(signal.references) != sorted(references):
        raise ReceiptError("the receipt does not repeat what was signed: what arrived is not proven to be what was sent")
    seat = _signer(signal, trust, certificate, now)
    return Proof(signal.message_id, signal.timestamp, seat, answer.body)


def _signer(signal: signals.Receipt, trust: Trust, certificate: Certificate, now: datetime) -> str:
    """The seat that signed a receipt: the one that it was encrypted for, trusted now."""
    opened = signal.envelope
    try:
        parts = verification.security(opened)
        if _covered(parts, opened).certificate != certificate:
            raise ReceiptError("the receipt is signed by another certificate than the receiver's")
        return verification.trusted(certificate, trust, now)
    except Refused as fault:
        raise ReceiptError(f"the receipt is not signed as it must be: {fault.detail}") from None


def _covered(parts: verification.Security, opened: Envelope) -> verification.Signed:
    """A receipt's signature covers Messaging; most cover the empty body as well."""
    try:
        return verification.signed(parts, (opened.messaging, opened.body))
    except Refused as fault:
        if fault.error != ebms.POLICY_NONCOMPLIANCE:
            raise
        return verification.signed(parts, (opened.messaging,))


def _refuse(signal: signals.ErrorSignal, message_id: str) -> NoReturn:
    """Raises Rejected for the gravest error that is about our message, ReceiptError where none is."""
    about = [one for one in signal.errors if (one.about or signal.about) in (None, message_id)]
    if not about:
        raise ReceiptError("the other side answered with errors of another message")
    one = next((each for each in about if each.severity != "warning"), about[0])
    if one.severity == "warning":
        raise ReceiptError(f"the other side answered with a warning and no receipt: {one.code} {one.short} {one.detail}".strip())
    raise Rejected(f"the other side refused it: {one.code} {one.short}: {one.detail}".strip(": "), one.code or None)


def _repeated(reference: etree._Element) -> str:
    """A ds:Reference of what came, without comments."""
    form: bytes = etree.tostring(reference, method="c14n", exclusive=True, with_comments=False)
    return form.decode()


def _signal(content: str, about: str | None, own: Identity | None, now: datetime) -> bytes:
    name = token_hex(16)
    named = f"<eb:RefToMessageId>{canonical.text(about)}</eb:RefToMessageId>" if about else ""
    info = f"<eb:MessageInfo><eb:Timestamp>{moment(now)}</eb:Timestamp><eb:MessageId>{name}@einvoice</eb:MessageId>{named}</eb:MessageInfo>"
    messaging = canonical.form(canonical.messaging(f"m-{name}", f"<eb:SignalMessage>{info}{content}</eb:SignalMessage>"))
    body = canonical.body(f"b-{name}")
    if own is None:
        return signing.envelope(messaging, body, "")
    references = (canonical.reference(f"m-{name}", messaging), canonical.reference(f"b-{name}", body))
    token = f"t-{name}"
    return signing.envelope(messaging, body, signing.token(own.certificate, token) + signing.signature(references, own, token))
