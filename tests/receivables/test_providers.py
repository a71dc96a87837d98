"""Providers of SMS, WhatsApp and calls: each beside a server that behaves as its published API says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from einvoice.errors import SettingsError
from einvoice.receivables.channels.http import international
from einvoice.receivables.channels.senders import sender_of
from einvoice.receivables.channels.whatsapp import parameter
from einvoice.receivables.store.tables import CONTACTS, DISPUTES, HOLDS, INCOMING, INVOICES, PLANS, TASKS
from einvoice.settings import Settings
from einvoice.settings.providers import Channels
from tests.providers import twilio
from tests.providers.messaging import BASE, PROVIDERS, Provider, believed, tried
from tests.providers.paths import Line, line

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
def test_what_a_provider_may_do_is_known_for_what_it_is(provider: Provider, tmp_path: Path) -> None:
    assert [name for name, is_right in tried(provider, tmp_path).items() if not is_right] == []


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
def test_only_calls_with_the_right_signature_are_believed(provider: Provider, tmp_path: Path) -> None:
    assert believed(provider, tmp_path, NOW) == (3, 0)


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
def test_a_message_is_delivered_by_the_providers_report(provider: Provider, tmp_path: Path) -> None:
    with line(provider, _first(provider), tmp_path) as found:
        found.made.run()
        assert (found.effect().state, len(found.service.made)) == ("sent", 1)
        assert found.tells("delivered", "another").status_code == 403
        assert found.effect().state == "sent"
        for _ in range(2):
            assert found.tells("delivered").status_code in (200, 204)
        assert found.effect().state == "delivered"
        assert len(found.made.rows(select(INCOMING))) == 1
        found.made.run()
        assert len(found.service.made) == 1


def _first(provider: Provider) -> str:
    return provider.channels[0]


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
def test_a_message_that_failed_flags_the_number(provider: Provider, tmp_path: Path) -> None:
    with line(provider, _first(provider), tmp_path) as found:
        found.made.run()
        found.tells("failed")
        assert found.effect().state == "bounced"
        assert found.made.rows(select(CONTACTS.c.phone_failed_on))[0][0] is not None


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
def test_stop_ends_the_channel(provider: Provider, tmp_path: Path) -> None:
    with line(provider, _first(provider), tmp_path) as found:
        found.made.run()
        found.tells("reply")
        assert not _consent(found, _first(provider))


def _consent(found: Line, channel: str) -> bool:
    from einvoice.database import reading
    from einvoice.receivables.ledger import parties

    with reading(found.made.engine) as connection:
        return parties.consents(connection, 1)[channel]


@pytest.mark.parametrize("digit", ["1", "2", "3", "4", "9"])
def test_the_keys_of_a_call(digit: str, tmp_path: Path) -> None:
    with line(PROVIDERS["twilio"], "computer_call", tmp_path) as found:
        found.made.run()
        form = {
            "CallSid": found.effect().provider,
            "CallStatus": "in-progress",
            "Digits": digit,
            "From": "+31970000002",
            "To": "+31655500001",
        }
        for _ in range(2):
            answer = found.calls(twilio.signed(f"{BASE}/hooks/twilio?language=nl", form))
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
        assert found.effect().state == "delivered"
        came = {
            "1": found.made.rows(select(HOLDS).where(HOLDS.c.reason == "payment_pending")),
            "2": found.made.rows(select(TASKS).where(TASKS.c.kind == "call")),
            "3": found.made.rows(select(DISPUTES)),
            "4": found.made.rows(select(PLANS)),
        }
        assert {key: len(rows) for key, rows in came.items()} == {key: int(key == digit) for key in came}


def test_a_call_that_nobody_answered_is_no_contact(tmp_path: Path) -> None:
    with line(PROVIDERS["twilio"], "computer_call", tmp_path) as found:
        found.made.run()
        form = {"CallSid": found.effect().provider, "CallStatus": "no-answer", "CallDuration": "0"}
        assert found.calls(twilio.signed(f"{BASE}/hooks/twilio", form)).status_code == 204
        assert found.effect().state == "sent"
        assert found.made.rows(select(INVOICES.c.contacts))[0][0] == 0


def test_whatsapp_is_set_up_with_its_token(tmp_path: Path) -> None:
    with line(PROVIDERS["whatsapp"], "whatsapp", tmp_path) as found:
        from einvoice.receivables.incoming.port import Request

        good, bad = (
            Request("GET", f"{BASE}/hooks/whatsapp?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=42", {})
            for token in ("whatsapp-verify", "another")
        )
        assert (found.calls(good).text, found.calls(good).status_code, found.calls(bad).status_code) == ("42", 200, 403)


@pytest.mark.parametrize(("written", "number"), [("+31 (0)6-12.34 56 78", "+31612345678"), ("0032 470 12 34 56", "+32470123456")])
def test_numbers_are_international(written: str, number: str) -> None:
    assert international(written) == number


@pytest.mark.parametrize("written", ["0612345678", "+31", "+31 6 abc", "", "+3161234567890123456"])
def test_what_is_no_international_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="international"):
        international(written)


def test_a_parameter_is_one_line() -> None:
    assert parameter("a\n b\t\tc     d ") == "a b c d"


@pytest.mark.parametrize(("channel", "way"), [("sms", "twilio"), ("sms", "messagebird"), ("sms", "bird"), ("whatsapp", "whatsapp")])
def test_a_provider_without_its_settings_is_refused(channel: str, way: str) -> None:
    with pytest.raises(SettingsError):
        sender_of(channel, Settings(channels=Channels(**{channel: way})))  # type: ignore[arg-type]
