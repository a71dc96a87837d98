"""Sends finished messages to access points: the same bytes until a receipt that repeats what was signed proves that they arrived.

`sent` is said only with a verified receipt. An answer that proves nothing, or a connection that broke off, leaves it unknown, and the
same bytes go again: the other side knows the message by its id. A receipt that fits, whose signer cannot be checked for revocation now,
is kept and judged again before anything is posted: many receivers give no second one.
"""

from __future__ import annotations

from contextlib import suppress

from cryptography import x509

from einvoice.errors import CertificateError, NotChecked, PeppolError, ReceiptError, Rejected, TransportError
from einvoice.outbox import Effect, Outcome, State
from einvoice_peppol.as4 import receipts, sending
from einvoice_peppol.http import Answer
from einvoice_peppol.sending import evidence, payload
from einvoice_peppol.sending.means import Means

TEMPORARY = frozenset({"EBMS:0005", "EBMS:0202"})
"""Errors that pass: the other side could not connect, or not deliver, for now (ebMS 3.0 core 6.7.1, AS4 profile 1.0 5.1.1)."""
DUPLICATES = frozenset({"EBMS:4001"})
"""What phase4 answers to a message that it has already, since 4.5; before it says EBMS:0004 and `duplicate` in the detail. It may have
arrived then, but no receipt proves it."""
_LATER = 3_600.0
_BYTES_A_SECOND = 100_000
"""What the slowest receiver that we know of takes in: phase4 on Java 17 needs 42 s for 16 MB, and more than twice that for 32."""
_LONGEST = 540.0


class PeppolSender:
    """The sender of the channel `peppol`; one thread uses it at a time."""

    recognises_keys = False
    """Messages are `same_bytes`: they are sent again whatever this says."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._http = means.http()

    def send(self, effect: Effect) -> Outcome:
        """Posts it once, and says what the answer proves."""
        means = self._means
        if (kept := self._kept(effect)) is not None:
            return kept
        try:
            body = payload.opened(effect.payload, effect.headers, means.bodies)
        except PeppolError as fault:
            return Outcome(State.PLANNED, reason=str(fault), answered=True)
        with body:
            means.reached("before post")
            try:
                answer = sending.post(self._http, effect.address, str(effect.headers["content_type"]), body, self._patience(effect))
            except TransportError as fault:
                alone = means.hosts.silent(effect.address, means.clock())
                return Outcome(State.UNKNOWN if fault.sent else State.PLANNED, reason=str(fault), answered=alone)
        means.reached("posted")
        means.hosts.spoke(effect.address)
        return self._judged(effect, answer)

    def close(self) -> None:
        """Ends its connections."""
        with suppress(AttributeError):
            self._http.close()  # type: ignore[attr-defined]

    def _patience(self, effect: Effect) -> float:
        """Seconds for each step: some receivers need long for large messages before they answer, and one given up on too early is sent
        again. It stays below the outbox's lease.
        """
        size = payload.size(effect.payload, effect.headers)
        return max(self._means.timeout, min(self._means.timeout + size / _BYTES_A_SECOND, _LONGEST))

    def _kept(self, effect: Effect) -> Outcome | None:
        """What the receipt of an earlier attempt proves by now; None where there is none, or it is found to prove nothing."""
        if effect.proof is None:
            return None
        try:
            receipt = evidence.read(effect.proof)
        except PeppolError:
            return None
        found = self._judged(effect, Answer(200, {"content-type": receipt.content_type}, receipt.data))
        return found if found.proof else None

    def _judged(self, effect: Effect, answer: Answer) -> Outcome:
        """What an answer proves."""
        _, trust, _ = self._means.own()
        certificate = x509.load_pem_x509_certificate(str(effect.headers["certificate"]).encode("ascii"))
        references = evidence.references(effect.headers["signed"])
        message_id = str(effect.headers["message_id"])
        receipt = evidence.Receipt(answer.headers.get("content-type", ""), answer.body)
        try:
            receipts.verify(answer, message_id, references, trust, certificate, self._means.clock())
        except Rejected as fault:
            return _rejected(fault, effect.attempts)
        except NotChecked as fault:
            return Outcome(State.UNKNOWN, proof=receipt.text(), reason=str(fault), answered=True)
        except (ReceiptError, CertificateError) as fault:
            return Outcome(State.UNKNOWN, reason=f"HTTP {answer.status}: {fault}", answered=True)
        self._means.reached("verified")
        return Outcome(State.SENT, provider=message_id, proof=receipt.text(), answered=True)


def _rejected(fault: Rejected, attempts: int) -> Outcome:
    """What a refusal means: for good, for now, or that an earlier attempt arrived and nothing proves it."""
    reason = f"{fault.code}: {fault}" if fault.code and fault.code not in str(fault) else str(fault)
    if fault.code in DUPLICATES or (fault.code == "EBMS:0004" and attempts > 1 and "duplicate" in reason.lower()):
        if attempts > 1:  # it will never say anything else
            return Outcome(State.DEAD, reason=f"{reason}; it arrived, it seems, and no receipt proves it: ask the receiver", answered=True)
        return Outcome(State.UNKNOWN, reason=reason, retry_after=_LATER, answered=True)
    if fault.code in TEMPORARY:
        return Outcome(State.PLANNED, reason=reason, answered=True)
    return Outcome(State.FAILED, reason=reason, answered=True)
