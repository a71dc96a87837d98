"""AS4 made by us: what is written is canonical, what is sent is what is received, and only a receipt that fits proves it."""

from __future__ import annotations

import gzip
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from einvoice.errors import BadIdentifier, CertificateError, ReceiptError, Rejected
from einvoice_peppol import xmldsig
from einvoice_peppol.as4 import canonical, ebms, packaging, receipts, signals, signing, verification
from einvoice_peppol.as4.message import WSU
from einvoice_peppol.http import Answer
from einvoice_peppol.pki import testing
from tests.peppol import as4_messages
from tests.peppol.as4_exchange import NOW, Sent, message, receipt, received, sent, sides
from tests.peppol.receipt_changes import CHANGES
from tests.peppol.receipt_fuzz import fuzz
from tests.peppol.receipts_signed import SIGNED, as_they_came, repeating

words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=40)


@given(words, words)
def test_blocks_are_their_own_canonical_form(told: str, named: str) -> None:
    content = f'<eb:Error category="{canonical.attribute(named)}"><eb:ErrorDetail>{canonical.text(told)}</eb:ErrorDetail></eb:Error>'
    block, body = canonical.messaging("m", content), canonical.body("b")
    root = etree.fromstring(signing.envelope(block, body, ""))
    assert xmldsig.canonical(root[0][0], xmldsig.EXCLUSIVE).decode() == block
    assert xmldsig.canonical(root[1], xmldsig.EXCLUSIVE).decode() == body


@settings(deadline=None)
@given(
    st.binary(max_size=3_000).map(
        lambda data: f"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>{data.hex()}</Invoice>"
    )
)
def test_what_is_sent_is_what_is_received(payload: str) -> None:
    document = as4_messages.sbdh(payload)
    one = sent(document)
    got = received(one)
    kept = got.body.keep()
    assert kept.data == document
    assert got.message == message()
    assert got.references == one.built.references
    assert one.built.size == len(one.data)
    proof = receipts.verify(receipt(one), "message-1@sender.test", one.built.references, sides().trust, sides().receiver.certificate, NOW)
    assert proof.seat == sides().receiver.seat


class _Drip(BytesIO):
    """A stream that gives what it likes."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 1, 1_000) if size else size)


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("size", [0, 100, 262_143, 262_144, 1_500_000])
def test_a_document_is_packed_the_same_in_whatever_pieces_it_comes(size: int, quick: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not quick:
        monkeypatch.setattr(packaging, "_quick", None)
    document = bytes(number * number % 251 for number in range(size))
    whole, pieces = BytesIO(), BytesIO()
    digest = packaging.pack(BytesIO(document), whole)
    assert packaging.pack(_Drip(document), pieces) == digest == xmldsig.digest(whole.getvalue())
    assert gzip.decompress(whole.getvalue()) == document


def test_what_is_packed_stands_where_it_is_told() -> None:
    room, into = _Room(), BytesIO()
    document = as4_messages.sbdh()
    built = packaging.build(message(), BytesIO(document), sides().sender, sides().receiver.certificate, into, lambda: room)
    assert gzip.decompress(room.held) == document
    assert built.references[-1].digest == xmldsig.digest(room.held)


class _Room(BytesIO):
    """Keeps what was in it when it was closed."""

    held = b""

    def close(self) -> None:
        self.held = self.getvalue()
        super().close()


def test_each_message_has_names_and_keys_of_its_own() -> None:
    one, two = sent(), sent()
    assert one.data != two.data
    assert one.built.content_type != two.built.content_type


def test_a_receiver_whose_key_is_no_rsa_key_is_refused() -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    certificate = made.not_valid_before(NOW).not_valid_after(NOW).sign(key, SHA256())
    with pytest.raises(CertificateError):
        packaging.build(message(), BytesIO(as4_messages.sbdh()), sides().sender, certificate, BytesIO())


def _verify(answer: Answer, one: Sent) -> None:
    receipts.verify(answer, "message-1@sender.test", one.built.references, sides().trust, sides().receiver.certificate, NOW)


@pytest.mark.parametrize("name", [*CHANGES, *SIGNED])
def test_a_receipt_that_does_not_fit_proves_nothing(name: str) -> None:
    one = sent()
    _verify(receipt(one), one)
    with pytest.raises(ReceiptError):
        _verify({**CHANGES, **SIGNED}[name](one), one)


def test_the_order_of_references_says_nothing() -> None:
    one = sent()
    _verify(repeating(as_they_came(one)[::-1]), one)


@pytest.mark.parametrize("fault", testing.FAULTS)
def test_a_receipt_by_a_receiver_that_is_not_trusted_any_more_proves_nothing(fault: str) -> None:
    one, by = sent(), testing.network(now=NOW).access_point(sides().receiver.seat, fault=fault)
    with pytest.raises(ReceiptError):
        receipts.verify(receipt(one, by), "message-1@sender.test", one.built.references, sides().trust, by.certificate, NOW)


def test_a_receipt_is_canonical_whatever_the_references_of_the_other_side_declare() -> None:
    one = sent()
    got = received(one)
    for number, part in enumerate(got.signed):
        part.set(f"{{{WSU}}}Id", f"x{number}")
        part.insert(0, etree.Comment("x"))
    kind, data = receipts.receipt(got, sides().receiver, NOW)
    _verify(Answer(200, {"content-type": kind}, data), one)


@pytest.mark.parametrize("detail", ["\x00", "\x1b[0m", "\ud800", "\uffff", "]]>", "<&\"'>", "\r\n", "é" * 600])
def test_an_error_can_be_read_whatever_it_says(detail: str) -> None:
    kind, data = receipts.error(ebms.Refused(ebms.OTHER, detail, message_id=detail), sides().receiver, NOW)
    signal = signals.read(kind, data)
    assert isinstance(signal, signals.ErrorSignal)
    assert [one.code for one in signal.errors] == ["EBMS:0004"]


def test_an_identifier_that_xml_cannot_hold_is_refused() -> None:
    with pytest.raises(BadIdentifier):
        packaging.build(message("a\x01b"), BytesIO(as4_messages.sbdh()), sides().sender, sides().receiver.certificate, BytesIO())


def test_a_receipt_of_somebody_else_proves_nothing() -> None:
    one = sent()
    with pytest.raises(ReceiptError):
        _verify(receipt(one, sides().stranger), one)
    with pytest.raises(ReceiptError):
        _verify(receipt(one, testing.network(now=NOW, name="strangers").access_point("PNL000002")), one)


def test_receipts_changed_at_random_prove_nothing_else() -> None:
    found = fuzz(1_000)
    assert (found.believed, found.faults) == ((), ())
    assert found.same < found.tried / 3


@pytest.mark.parametrize(("module", "name"), [(verification, "_compare"), (xmldsig, "verify")])
def test_changes_at_random_find_out_who_believes_too_much(module: object, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, name, lambda *_: None)
    assert fuzz(2_000).believed


@pytest.mark.parametrize("is_signed", [True, False])
def test_an_error_is_heard_signed_or_not(is_signed: bool) -> None:
    refused = ebms.Refused(ebms.OTHER, ebms.NOT_SERVICED, message_id="message-1@sender.test")
    kind, data = receipts.error(refused, sides().receiver if is_signed else None, NOW)
    signal = signals.read(kind, data)
    assert isinstance(signal, signals.ErrorSignal)
    assert [(one.code, one.severity, one.detail) for one in signal.errors] == [("EBMS:0004", "failure", ebms.NOT_SERVICED)]
    with pytest.raises(Rejected) as told:
        _verify(Answer(200, {"content-type": kind}, data), sent())
    assert told.value.code == "EBMS:0004"


def test_an_error_about_another_message_says_nothing_of_ours() -> None:
    kind, data = receipts.error(ebms.Refused(ebms.OTHER, "no", message_id="other@x.test"), sides().receiver, NOW)
    with pytest.raises(ReceiptError):
        _verify(Answer(200, {"content-type": kind}, data), sent())
