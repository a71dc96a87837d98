"""Events and webhooks: written with what happened, signed so that a receiver can check it, delivered at least once, never elsewhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from einvoice import events
from einvoice.database import connect, reading
from einvoice.errors import BadSignature, SettingsError
from einvoice.outbox import Outcome, State, publish, relay
from einvoice.outbox.signing import sign, verify
from einvoice.outbox.tables import EVENTS, OUTBOX
from einvoice.outbox.webhooks import WebhookOwner, WebhookSender, senders
from einvoice.settings import Secret, Sending, Webhook
from tests.outbox.world import START, Clock, migrated, states

NEW, OLD = ("whsec_" + base64.b64encode(letter * 32).decode() for letter in (b"n", b"o"))
EVENT = events.PaymentMatched(
    time=START, payment="1", debtor="2", amount="10.00", currency="EUR", booked=START.date(), allocations=(), by="reference"
)


class Receiver(ThreadingHTTPServer):
    """Somebody else's server: it keeps what is posted, and answers as told."""

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int | Callable[[BaseHTTPRequestHandler], None]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook?a=1"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        answer = self.server.answers.pop(0) if self.server.answers else 204
        if callable(answer):
            answer(self)
            return
        self.send_response(answer)
        if answer in (301, 302, 307, 308):
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        if answer == 429:
            self.send_header("Retry-After", "120")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *arguments: Any) -> None:
        """Says nothing."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """The server, while it runs."""
    made = Receiver()
    loop = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    loop.start()
    try:
        yield made
    finally:
        made.shutdown()
        made.server_close()
        loop.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with migrated("sqlite", tmp_path) as made:
        yield made


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_NEW", NEW)
    monkeypatch.setenv("HOOK_OLD", OLD)


def _hook(url: str, *references: str, name: str = "shop", wanted: tuple[str, ...] = ("*",)) -> Webhook:
    return Webhook(name, url, tuple(Secret(reference) for reference in references or ("env:HOOK_NEW",)), wanted)


def _publish(engine: Engine, *hooks: Webhook, event: events.AnyEvent = EVENT) -> None:
    with connect(engine) as connection:
        publish(connection, event, START, hooks)


def _send(engine: Engine, hook: Webhook, clock: Clock, timeout: float = 2) -> None:
    made = {f"webhook:{hook.name}": WebhookSender(hook, clock, timeout)}
    relay(engine, made, {"webhooks": WebhookOwner()}, clock, ceiling=Sending())


def test_an_event_is_written_and_planned_for_who_wants_it(engine: Engine) -> None:
    hooks = [
        _hook("https://a.example/", name=f"h{number}", wanted=wanted) for number, wanted in enumerate([("*",), ("payment.*",), ("plan.*",)])
    ]
    _publish(engine, *(hook._replace(url=f"https://{hook.name}.example/") for hook in hooks))
    with reading(engine) as connection:
        assert events.read(connection.execute(select(EVENTS.c.body)).scalar_one()) == EVENT
        rows = connection.execute(select(OUTBOX).order_by(OUTBOX.c.id)).all()
    assert [(one.address, one.channel) for one in rows] == [("https://h0.example/", "webhook:h0"), ("https://h1.example/", "webhook:h1")]
    assert {one.payload for one in rows} == {EVENT.model_dump_json().encode()}


def test_an_event_of_a_transaction_that_fails_was_never_there(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        _publish_and_fail(engine)
    assert states(engine) == {}


def _publish_and_fail(engine: Engine) -> None:
    with connect(engine) as connection:
        publish(connection, EVENT, START, [_hook("https://a.example/")])
        raise ZeroDivisionError


def test_what_arrives_is_exactly_the_event_and_can_be_checked(engine: Engine, receiver: Receiver) -> None:
    hook, clock = _hook(receiver.url), Clock()
    _publish(engine, hook)
    _send(engine, hook, clock)
    (path, headers, body) = receiver.got[0]
    assert path == "/hook?a=1"
    assert body == EVENT.model_dump_json().encode()
    assert verify(headers, body, [NEW], clock()) == str(EVENT.id)
    assert set(states(engine).values()) == {State.DELIVERED}


def test_the_signature_is_the_one_of_standard_webhooks() -> None:
    headers = sign("msg_1", b'{"a":1}', [NEW], datetime.fromtimestamp(1_700_000_000, UTC))
    expected = hmac.new(b"n" * 32, b'msg_1.1700000000.{"a":1}', hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()
    assert headers["webhook-timestamp"] == "1700000000"


def test_a_secret_is_replaced_without_a_gap(engine: Engine, receiver: Receiver) -> None:
    hook = _hook(receiver.url, "env:HOOK_NEW", "env:HOOK_OLD")
    _publish(engine, hook)
    _send(engine, hook, Clock())
    for known in (NEW, OLD):
        assert verify(*receiver.got[0][1:], [known], START)


@pytest.mark.parametrize(
    "change", ["body", "id", "time", "signature", "secret", "late", "early", "no signature", "no time", "other version"]
)
def test_a_bad_delivery_is_refused(change: str) -> None:
    body, now, secret = b'{"a":1}', START, NEW
    headers = {name.title(): value for name, value in sign("id", body, [NEW], now).items()}
    assert verify(headers, body, [OLD, NEW], now) == "id"
    match change:
        case "body":
            body += b" "
        case "id":
            headers["Webhook-Id"] = "other"
        case "time":
            headers["Webhook-Timestamp"] = str(int(now.timestamp()) + 1)
        case "signature":
            headers["Webhook-Signature"] = "v1,é"
        case "secret":
            secret = OLD
        case "late" | "early":
            now += timedelta(seconds=301) * (1 if change == "late" else -1)
        case "no signature":
            del headers["Webhook-Signature"]
        case "no time":
            headers["Webhook-Timestamp"] = "now"
        case _:
            headers["Webhook-Signature"] = headers["Webhook-Signature"].replace("v1,", "v2,")
    with pytest.raises(BadSignature):
        verify(headers, body, [secret], now)


@pytest.mark.parametrize("secret", ["", "whsec_", "plain", "whsec_short", "whsec_" + base64.b64encode(b"x" * 65).decode()])
def test_what_is_no_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(SettingsError) as caught:
        sign("id", b"", [secret], START)
    assert not secret or secret == "whsec_" or secret not in str(caught.value)


def test_500_then_200_is_the_same_bytes_twice(engine: Engine, receiver: Receiver) -> None:
    hook, clock = _hook(receiver.url), Clock()
    receiver.answers = [500, 429]
    _publish(engine, hook)
    for minutes in (0, 1, 3):
        clock.pass_(minutes=minutes)
        _send(engine, hook, clock)
    assert [verify(headers, body, [NEW], clock(), timedelta(minutes=9)) for _, headers, body in receiver.got] == [str(EVENT.id)] * 3
    assert len({body for _, _, body in receiver.got}) == 1
    assert set(states(engine).values()) == {State.DELIVERED}


def test_retry_after_is_heeded(receiver: Receiver) -> None:
    receiver.answers = [429]
    assert _answer(receiver) == (State.PLANNED, 120.0)


@pytest.mark.parametrize(("status", "state"), [(200, State.DELIVERED), (410, State.FAILED), (404, State.PLANNED), (503, State.PLANNED)])
def test_what_the_receiver_answers(receiver: Receiver, status: int, state: State) -> None:
    receiver.answers = [status]
    assert _answer(receiver)[0] is state


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    assert _answer(receiver)[0] is State.PLANNED
    assert [path for path, _, _ in receiver.got] == ["/hook?a=1"]


def _answer(receiver: Receiver, timeout: float = 2.0) -> tuple[State, float | None]:
    outcome = _outcome(receiver.url, timeout)
    return outcome.state, outcome.retry_after


def _outcome(url: str, timeout: float = 2.0) -> Outcome:
    hook = _hook(url)
    from einvoice.outbox.publishing import _effect

    return WebhookSender(hook, Clock(), timeout).send(_effect(hook, str(EVENT.id), EVENT.type, EVENT.model_dump_json()))


def test_a_receiver_that_is_not_there() -> None:
    with receiving() as gone:
        url = gone.url
    assert _outcome(url).state is State.PLANNED


def test_a_receiver_that_hangs_drips_or_breaks_off_is_left_in_bounded_time(receiver: Receiver) -> None:
    def hang(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.5)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        for _ in range(12):
            try:
                handler.wfile.write(b"HTTP/1.1 200 OK\r\n"[:1])
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    def end(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"nonsense\r\n\r\n")

    for answer in (hang, drip, end):
        receiver.answers = [answer]
        started = time.monotonic()
        assert _answer(receiver, 0.25)[0] is State.UNKNOWN
        assert time.monotonic() - started < 1


def test_an_answer_without_end_is_read_in_part(receiver: Receiver) -> None:
    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(400):
            try:
                handler.wfile.write(b"x" * 65_536)
            except OSError:
                return

    receiver.answers = [flood]
    outcome = _outcome(receiver.url)
    assert outcome.state is State.DELIVERED
    assert len(outcome.proof or "") < 300


def test_a_secret_that_is_gone_waits(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOOK_NEW")
    assert _answer(receiver)[0] is State.PLANNED
    assert receiver.got == []


def test_a_hook_that_does_not_answer_is_in_nobody_s_way(engine: Engine, receiver: Receiver) -> None:
    with receiving() as gone:
        dead = _hook(gone.url, name="dead")
    alive = _hook(receiver.url, name="alive")
    for number in range(10):
        _publish(engine, dead, alive, event=EVENT.model_copy(update={"id": UUID(int=number)}))
    counts = relay(engine, senders([dead, alive]), {"webhooks": WebhookOwner()}, Clock(), ceiling=Sending())
    assert counts.delivered == len(receiver.got) == 10
    assert (counts.again, counts.resting) == (5, frozenset({"webhook:dead"}))


def test_a_removed_hook_is_not_called(engine: Engine, receiver: Receiver) -> None:
    _publish(engine, _hook(receiver.url))
    relay(engine, senders([]), {"webhooks": WebhookOwner()}, Clock(), ceiling=Sending())
    assert receiver.got == []
    assert set(states(engine).values()) == {State.PLANNED}
