"""What providers leave in doubt, and what is nobody's fault but ours: never sent twice, and no number is marked for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from einvoice.outbox import Outcome, State
from einvoice.receivables.channels import http
from einvoice.receivables.channels.http import Call, Reply, exchanged
from einvoice.receivables.incoming.hooks.failures import failure
from einvoice.receivables.store.tables import CONTACTS, HOLDS, INVOICES, TASKS
from tests.providers import broken_tls, twilio
from tests.providers.messaging import BASE, PROVIDERS
from tests.providers.paths import Line, line


def _judged(reply: Reply) -> Outcome:
    return Outcome(State.SENT, provider=str(reply.status))


def test_tls_that_breaks_after_the_request_leaves_a_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with broken_tls.served(tmp_path) as (address, certificate, read):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        outcome = exchanged(Call(address, form={"Body": "once"}), _judged)
        assert (outcome.state, len(read)) == (State.UNKNOWN, 1)


def test_a_server_that_is_not_trusted_gets_nothing(tmp_path: Path) -> None:
    with broken_tls.served(tmp_path) as (address, _, read):
        assert exchanged(Call(address, form={"Body": "once"}), _judged).state is State.PLANNED
        assert read == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "https://no.such.host.example", "http://127.0.0.1:99999", "https://"])
def test_without_a_connection_nothing_left(address: str) -> None:
    assert exchanged(Call(address, form={}), _judged).state is State.PLANNED


def test_an_answer_that_drips_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket
    import threading
    from time import monotonic

    monkeypatch.setattr(http, "WHOLE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            plain, _ = server.accept()
            with plain:
                plain.recv(65_536)
                for _ in range(300):
                    try:
                        plain.sendall(b"H")
                    except OSError:
                        return
                    threading.Event().wait(0.1)

        thread = threading.Thread(target=drip)
        thread.start()
        started = monotonic()
        outcome = exchanged(Call(f"http://127.0.0.1:{server.getsockname()[1]}", form={}), _judged)
        assert outcome.state is State.UNKNOWN
        assert monotonic() - started < 15
        thread.join()


def _told(found: Line, code: str) -> None:
    form = {"MessageSid": found.effect().provider, "MessageStatus": "undelivered", "ErrorCode": code, "To": "+31655500001"}
    assert found.calls(twilio.signed(f"{BASE}/hooks/twilio", form)).status_code == 204


@pytest.mark.parametrize(
    ("code", "flagged", "tasks"), [("30005", True, ["repair_address"]), ("30003", False, []), ("30034", False, ["triage"])]
)
def test_only_a_wrong_number_is_marked(code: str, flagged: bool, tasks: list[str], tmp_path: Path) -> None:
    with line(PROVIDERS["twilio"], "sms", tmp_path) as found:
        found.made.run()
        _told(found, code)
        assert found.effect().state == "bounced"
        assert (found.made.rows(select(CONTACTS.c.phone_failed_on))[0][0] is not None) is flagged
        assert [row.kind for row in found.made.rows(select(TASKS.c.kind))] == tasks


@pytest.mark.parametrize(("answered", "contacts"), [("human", 1), ("machine_start", 0), (None, 0)])
def test_voicemail_is_no_contact(answered: str | None, contacts: int, tmp_path: Path) -> None:
    with line(PROVIDERS["twilio"], "computer_call", tmp_path) as found:
        found.made.run()
        assert found.service.made[0]["MachineDetection"] == "Enable"
        form = {"CallSid": found.effect().provider, "CallStatus": "completed", "CallDuration": "12"}
        found.calls(twilio.signed(f"{BASE}/hooks/twilio", form | ({"AnsweredBy": answered} if answered else {})))
        found.made.clock.on(days=1)
        found.made.run()
        assert found.made.rows(select(INVOICES.c.contacts))[0][0] == contacts


def test_who_opted_out_at_the_provider_did_so_here(tmp_path: Path) -> None:
    from einvoice.database import reading
    from einvoice.receivables.ledger import parties

    with line(PROVIDERS["twilio"], "sms", tmp_path) as found:
        found.made.rows(CONTACTS.update().values(phone=twilio.OPTED_OUT).returning(CONTACTS.c.id))
        found.made.run()
        assert found.effect().state == "failed"
        assert found.made.rows(select(HOLDS)) == []
        with reading(found.made.engine) as connection:
            assert parties.consents(connection, 1)["sms"] is False


@pytest.mark.parametrize(
    ("provider", "code", "begins"),
    [("whatsapp", 131026, "recipient"), ("whatsapp", 131042, "sender"), ("whatsapp", 131047, "4.4.1"), ("bird", "rejected", "sender")],
)
def test_reasons_say_whose_they_are(provider: str, code: object, begins: str) -> None:
    assert str(failure(provider, "ref", "words", code).reason).startswith(begins)
