"""The provider's own client drives our local server of e-invoice.be, and our adapter sees what it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice.outbox import State
from tests.interop import e_invoice_api, folders
from tests.peppol.sending_world import invoice
from tests.providers.peppol import belgian, einvoicebe
from tests.providers.peppol.cases import PATIENCE, kept

pytestmark = pytest.mark.slow

SENDER, RECEIVER = ["0208", "0428759497"], ["0208", "0999999031"]


def test_the_client_understands_our_server_and_our_adapter_agrees_with_it(tmp_path: Path) -> None:
    service, data = einvoicebe.EInvoiceBe(), invoice("1")
    with service.served() as base:
        service.base = base
        came = [service.comes(invoice(str(number)), ("0208", "0428759497"), ("0208", "0999999031")) for number in range(5)]
        try:
            said = e_invoice_api.ask(
                base, einvoicebe.KEY, data, tmp_path, sender=SENDER, receiver=RECEIVER, inbox=came, stranger=einvoicebe.STRANGER
            )
        except folders.Absent as fault:
            pytest.skip(str(fault))
        provider = belgian.EINVOICEBE.adapter(base, lambda secret: kept(tmp_path, secret), PATIENCE)
        ref = said["sent"][0]
        assert said["draft"] == [ref, "DRAFT", "OUTBOUND"]
        assert (said["sent"], said["got"], said["deleted"]) == ([ref, "TRANSIT"], "TRANSIT", True)
        assert said["timeline"] == ["document_created", "send_attempted"]
        assert said["inbox"] == list(provider.waiting()) == came[::-1]
        assert said["ubl"][:4] == [came[0], *SENDER, RECEIVER[1]]
        assert said["ubl"][4] == len(provider.fetch(came[0]).data)
        assert (service.sent, service.files[ref]) == ([ref], data)
        outcome = provider.status(ref)
        assert outcome is not None
        assert outcome.state is State.SENT
    assert {name: fault for name, fault in said.items() if isinstance(fault, list) and fault and str(fault[0]).endswith("Error")} == {
        "wrong key": ["AuthenticationError", 401],
        "no such document": ["NotFoundError", 404],
        "sent twice": ["APIStatusError", 405],
        "deleted though sent": ["BadRequestError", 400],
        "not our sender": ["ConflictError", 409],
        "no UBL": ["APIStatusError", 415],
        "a page too large": ["UnprocessableEntityError", 422],
    }
