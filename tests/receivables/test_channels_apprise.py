"""Any service by Apprise: what each answer means, on a real HTTP server; nothing is ever called delivered."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("apprise", reason="the extra apprise is absent")

from datetime import UTC, datetime

from einvoice.errors import SettingsError
from einvoice.outbox import Effect, State
from einvoice.receivables.channels.generic import AppriseSender, said
from einvoice.receivables.channels.mime import Mail, Mailbox, composed
from einvoice.receivables.channels.senders import sender_of
from einvoice.settings import Settings
from einvoice.settings.providers import Apprise, Channels
from einvoice.settings.values import Secret
from tests.mta import free_port

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise imports it
SMS = Effect("k", "receivables", "action:1", "sms", "+31 6 12345678", b"Pay 100.00 EUR \xe2\x82\xac", headers={"type": "text/plain"})


class Service(ThreadingHTTPServer):
    """Takes notifications, and answers as it is told to: a status, or `drop`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: int | str = 200
        self.taken: list[tuple[str, dict[str, list[str]], dict[str, str]]] = []

    def url(self, where: str = "x?+address={address}") -> str:
        return f"json://127.0.0.1:{self.server_address[1]}/{where}"


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        address = urlsplit(self.path)
        self.server.taken.append((str(self.headers.get("address")), parse_qs(address.query), body))
        if self.server.answer == "drop":
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(int(self.server.answer))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def serving() -> Iterator[Service]:
    with Service() as service:
        thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield service
        service.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "state"), [(200, State.SENT), (204, State.SENT), (400, State.UNKNOWN), (500, State.UNKNOWN), ("drop", State.UNKNOWN)]
)
def test_every_answer_means_one_thing(answer: int | str, state: State) -> None:
    with serving() as service:
        service.answer = answer
        outcome = AppriseSender("sms", service.url()).send(SMS)
        assert (outcome.state, outcome.provider) == (state, None)
        ((address, _, body),) = service.taken
        assert (address, body["message"]) == ("+31 6 12345678", "Pay 100.00 EUR €")


def test_a_service_that_is_away_is_asked_again() -> None:
    outcome = AppriseSender("sms", f"json://127.0.0.1:{free_port()}/?+a={{address}}").send(SMS)
    assert outcome.state is State.PLANNED


@pytest.mark.parametrize(("channel", "address"), [("sms", ""), ("sms", "unknown"), ("email", "ann"), ("email", ""), ("whatsapp", "12")])
def test_what_is_no_address_is_refused(channel: str, address: str) -> None:
    with serving() as service:
        outcome = AppriseSender(channel, service.url()).send(SMS._replace(channel=channel, address=address))
        assert (outcome.state, service.taken) == (State.FAILED, [])


def test_what_raises_while_it_sends_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    import apprise

    def raises(*_: object, **__: object) -> bool:
        raise RuntimeError("the plugin fell over")

    with serving() as service:
        sender = AppriseSender("sms", service.url())
        monkeypatch.setattr(apprise.Apprise, "notify", raises)
        assert sender.send(SMS).state is State.UNKNOWN


def test_an_address_cannot_change_where_it_goes() -> None:
    with serving() as service:
        AppriseSender("sms", service.url()).send(SMS._replace(address="31612345678&+host=evil.example/?a=b#c"))
        assert service.taken[0][0] == "31612345678&+host=evil.example/?a=b#c"


def test_of_a_mail_subject_and_text_are_sent() -> None:
    box = Mailbox("Ann", "ann@customer.example")
    mail = Mail("k", Mailbox("Acme", "ar@acme.example"), box, (), "Réminder", "Dear Ann,\n€ 100\n", "en", datetime(2026, 11, 2, tzinfo=UTC))
    effect = Effect(
        "k", "r", "s", "email", "ann@customer.example, b@c.example", composed(mail), headers={"type": "message/rfc822"}
    )
    assert said(effect) == ("Réminder", "Dear Ann,\n€ 100\n")
    with serving() as service:
        assert AppriseSender("email", service.url()).send(effect).state is State.SENT
        assert (service.taken[0][2]["title"], service.taken[0][0]) == ("Réminder", "ann@customer.example")


@pytest.mark.parametrize("url", ["json://127.0.0.1/fixed", "nosuchservice://{address}", "{address}", ""])
def test_a_url_that_reaches_no_debtor_is_refused(url: str) -> None:
    with pytest.raises(SettingsError) as fault:
        AppriseSender("sms", url)
    assert not url or url not in str(fault.value)


def test_the_settings_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPRISE_SMS", "json://127.0.0.1/?+a={address}")
    settings = Settings(channels=Channels(sms="apprise"), apprise=Apprise(sms=Secret("env:APPRISE_SMS")))
    sender = sender_of("sms", settings)
    assert isinstance(sender, AppriseSender)
    assert not sender.recognises_keys
    with pytest.raises(SettingsError):
        sender_of("whatsapp", Settings(channels=Channels(whatsapp="apprise")))
