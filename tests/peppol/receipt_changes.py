"""What may be wrong with a receipt: each change of a good one, as an answer that must prove nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from einvoice_peppol.as4 import receipts
from einvoice_peppol.http import Answer
from tests.peppol.as4_exchange import NOW, Sent, receipt, received, sent, sides

Change = Callable[[Sent], Answer]


def _edited(pattern: bytes, by: bytes) -> Change:
    """A change of bytes after it was signed."""

    def change(one: Sent) -> Answer:
        answer = receipt(one)
        data = re.sub(pattern, by, answer.body, count=1, flags=re.DOTALL)
        assert data != answer.body
        return answer._replace(body=data)

    return change


def _of_another(one: Sent) -> Answer:
    """A good receipt for another message with the same document."""
    return receipt(sent(message_id="message-2@sender.test"))


def _repeating(part: slice) -> Change:
    """A receipt that is signed and repeats some references only."""

    def change(one: Sent) -> Answer:
        got = received(one)
        kind, data = receipts.receipt(got._replace(signed=got.signed[part]), sides().receiver, NOW)
        return Answer(200, {"content-type": kind}, data)

    return change


def _of_older(one: Sent) -> Answer:
    """A receipt for this id that repeats what another message's signature covers."""
    other = received(sent())
    kind, data = receipts.receipt(other, sides().receiver, NOW)
    return Answer(200, {"content-type": kind}, data)


CHANGES: Mapping[str, Change] = {
    "for another message": _of_another,
    "of an older message under this id": _of_older,
    "without one reference": _repeating(slice(1, None)),
    "without any reference": _repeating(slice(0)),
    "id of what it is about altered": _edited(rb"(<eb:RefToMessageId>)", rb"\1x"),
    "id of what it is about removed": _edited(rb"<eb:RefToMessageId>.*?</eb:RefToMessageId>", b""),
    "digest altered": _edited(rb"(<ebbp:.*?<ds:DigestValue>)....", rb"\1AAAA"),
    "its time altered": _edited(rb"(<eb:Timestamp>)2026", rb"\g<1>2025"),
    "signature altered": _edited(rb"(<ds:SignatureValue>)....", rb"\1AAAA"),
    "signature removed": _edited(rb"<ds:Signature .*</ds:Signature>", b""),
    "security removed": _edited(rb"<wsse:Security .*</wsse:Security>", b""),
    "token removed": _edited(rb"<wsse:BinarySecurityToken .*?</wsse:BinarySecurityToken>", b""),
    "signed by SHA-1, it says": _edited(rb"xmldsig-more#rsa-sha256", b"xmldsig-more#rsa-sha1"),
    "digested by SHA-1, it says": _edited(rb"2001/04/xmlenc#sha256", b"2000/09/xmldsig#sha1"),
    "a DOCTYPE": _edited(rb"(\?>\s*)", rb"\1<!DOCTYPE x>"),
    "two signals": _edited(rb"(<eb:SignalMessage>.*</eb:SignalMessage>)", rb"\1\1"),
    "no receipt at all": lambda one: Answer(200, {"content-type": "text/html"}, b"<html>thank you</html>"),
    "nothing": lambda one: Answer(200, {}, b""),
    "cut": lambda one: receipt(one)._replace(body=receipt(one).body[:-40]),
    "with HTTP 500": lambda one: receipt(one)._replace(status=500),
    "with HTTP 302": lambda one: receipt(one)._replace(status=302),
    "called HTML": lambda one: receipt(one)._replace(headers={"content-type": "text/html"}),
}
