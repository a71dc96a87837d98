"""Signals read: receipts, errors, and what is neither."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree

from einvoice_peppol.as4 import ebms, signals
from einvoice_peppol.as4.message import Reference
from tests.peppol.as4_messages import NAMESPACES, SHA256_URI

SOAP = "application/soap+xml; charset=UTF-8"
DIGEST = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
BODY = '<S12:Body wsu:Id="b"/>'
REFERENCE = (
    f'<ds:Reference URI="#x"><ds:Transforms><ds:Transform Algorithm="urn:t"/></ds:Transforms><ds:DigestMethod Algorithm="{SHA256_URI}"/>'
    f"<ds:DigestValue>{DIGEST}</ds:DigestValue></ds:Reference>"
)
SIGNALS = 'xmlns:ebbp="http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0"'
PART = f"<ebbp:MessagePartNRInformation>{REFERENCE}</ebbp:MessagePartNRInformation>"
RECEIPT = f"<eb:Receipt><ebbp:NonRepudiationInformation {SIGNALS}>{PART}</ebbp:NonRepudiationInformation></eb:Receipt>"
ERROR = (
    '<eb:Error category="Content" errorCode="EBMS:0004" origin="ebMS"'
    ' severity="Failure" shortDescription="Other" refToMessageInError="m@x">'
    '<eb:Description xml:lang="en">why</eb:Description><eb:ErrorDetail>PEPPOL:NOT_SERVICED</eb:ErrorDetail></eb:Error>'
)


def signal(content: str, about: str = "<eb:RefToMessageId>m@x</eb:RefToMessageId>", body: str = BODY, more: str = "") -> bytes:
    """A signal with this in it."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    info = f"<eb:Timestamp>2026-11-28T12:00:00.123Z</eb:Timestamp><eb:MessageId>s@x</eb:MessageId>{about}"
    message = f"<eb:SignalMessage><eb:MessageInfo>{info}</eb:MessageInfo>{content}</eb:SignalMessage>{more}"
    header = f'<S12:Header><eb:Messaging wsu:Id="m">{message}</eb:Messaging></S12:Header>'
    return f"<S12:Envelope {declared}>{header}{body}</S12:Envelope>".encode()


def test_a_receipt() -> None:
    found = signals.read(SOAP, signal(RECEIPT))
    assert isinstance(found, signals.Receipt)
    assert (found.message_id, found.about) == ("s@x", "m@x")
    assert found.timestamp == datetime(2026, 11, 28, 12, 0, 0, 123_000, UTC)
    assert found.references == (Reference("#x", (("urn:t", ""),), DIGEST),)
    assert found.envelope.root.tag == etree.QName(NAMESPACES["S12"], "Envelope")


def test_what_stands_beside_the_references_is_passed_over() -> None:
    found = signals.read(SOAP, signal(RECEIPT.replace("</eb:Receipt>", '<other xmlns="urn:x" version="1"/></eb:Receipt>')))
    assert isinstance(found, signals.Receipt)
    assert len(found.references) == 1


@pytest.mark.parametrize("content", ["<eb:Receipt/>", f"<eb:Receipt>{REFERENCE}</eb:Receipt>"])
def test_a_receipt_of_reception_alone_repeats_nothing(content: str) -> None:
    found = signals.read(SOAP, signal(content))
    assert isinstance(found, signals.Receipt)
    assert found.references == ()


def test_errors() -> None:
    for about in ("", "<eb:RefToMessageId/>", "<eb:RefToMessageId>m@x</eb:RefToMessageId>"):
        found = signals.read(SOAP, signal(ERROR * 2, about))
        assert isinstance(found, signals.ErrorSignal)
        assert found.errors == (signals.SignalledError("EBMS:0004", "failure", "Other", "PEPPOL:NOT_SERVICED", "m@x"),) * 2
        assert found.about == ("m@x" if "m@x" in about else None)


def test_a_signal_in_multipart() -> None:
    kind = 'multipart/related; boundary=x; type="application/soap+xml"'
    whole = b"--x\r\nContent-Type: application/soap+xml\r\n\r\n" + signal(RECEIPT) + b"\r\n--x--\r\n"
    assert isinstance(signals.read(kind, whole), signals.Receipt)
    more = whole.replace(b"\r\n--x--", b"\r\n--x\r\n\r\nmore\r\n--x--")
    for content_type, data in ((kind, more), (kind, b""), (kind, b"--x\r\n\r\n<a/>\r\n--x--\r\n")):
        with pytest.raises(ebms.Refused) as caught:
            signals.read(content_type, data)
        assert caught.value.error == ebms.MIME_INCONSISTENCY


NEITHER = {
    "html": ("text/html", b"<html/>", "EBMS:0007"),
    "no type": ("", signal(RECEIPT), "EBMS:0007"),
    "no XML": (SOAP, b"OK", "EBMS:0009"),
    "another XML": (SOAP, b"<ok/>", "EBMS:0009"),
    "a DOCTYPE": (SOAP, b"<!DOCTYPE x>" + signal(RECEIPT), "EBMS:0009"),
    "nothing": (SOAP, signal(""), "EBMS:0009"),
    "both": (SOAP, signal(RECEIPT + ERROR), "EBMS:0009"),
    "two receipts": (SOAP, signal(RECEIPT * 2), "EBMS:0009"),
    "about nothing": (SOAP, signal(RECEIPT, ""), "EBMS:0009"),
    "a pull request": (SOAP, signal("<eb:PullRequest/>"), "EBMS:0009"),
    "two signals": (SOAP, signal(RECEIPT, more="<eb:SignalMessage/>"), "EBMS:0002"),
    "a copy of the message": (SOAP, signal("<eb:Receipt><eb:UserMessage/></eb:Receipt>"), "EBMS:0002"),
    "a body": (SOAP, signal(RECEIPT, body="<S12:Body><x/></S12:Body>"), "EBMS:0002"),
    "two Ids": (SOAP, signal(RECEIPT, body='<S12:Body wsu:Id="m"/>'), "EBMS:0101"),
    "sha-1": (SOAP, signal(RECEIPT.replace(SHA256_URI, "http://www.w3.org/2000/09/xmldsig#sha1")), "EBMS:0009"),
    "no digest": (SOAP, signal(RECEIPT.replace(DIGEST, "")), "EBMS:0009"),
    "something else repeated": (SOAP, signal(RECEIPT.replace(REFERENCE, "<ds:Manifest/>")), "EBMS:0009"),
    "large": (SOAP, signal(RECEIPT) + b" " * 1_000_001, "EBMS:0007"),
}  # fmt: skip


@pytest.mark.parametrize("name", NEITHER)
def test_what_is_no_signal(name: str) -> None:
    content_type, data, code = NEITHER[name]
    with pytest.raises(ebms.Refused) as caught:
        signals.read(content_type, data)
    assert caught.value.error.code == code
