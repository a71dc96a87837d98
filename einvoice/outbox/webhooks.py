"""Sends events to webhooks over HTTP: signed, in bounded time, never to another place than the settings say.

The standard library's client is enough for one POST, follows no redirect by itself, and needs no extra. A delivery that was answered
with 2xx has arrived; 410 means never again; everything else is tried again, the same bytes, since receivers know an event by its id.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from socket import SHUT_RDWR
from threading import Timer
from typing import Any
from urllib.parse import SplitResult, urlsplit

from einvoice.errors import SettingsError
from einvoice.outbox.effect import Effect, Outcome, Permission, State
from einvoice.outbox.publishing import channel
from einvoice.outbox.signing import sign
from einvoice.settings import Webhook

_MOST = 65_536
_LONGEST_WAIT = 86_400.0


class WebhookOwner:
    """Whoever is told of events may always be told; what became of it stands in the outbox."""

    def may_send(self, connection: Any, effect: Effect, now: datetime) -> Permission:  # noqa: ARG002 - the protocol's signature
        """Yes."""
        return Permission()

    def happened(self, connection: Any, effect: Effect, was: State, outcome: Outcome, now: datetime) -> None:
        """Nothing follows."""


def senders(hooks: Iterable[Webhook]) -> dict[str, WebhookSender]:
    """A sender for the channel of each webhook."""
    return {channel(hook): WebhookSender(hook) for hook in hooks}


class WebhookSender:
    """Posts events to a webhook; `timeout` in seconds for one step of it, twice that for all of it.

    It goes where the settings say now, whatever they said when the event was published, unless everything is redirected.
    """

    recognises_keys = True

    def __init__(self, hook: Webhook, clock: Callable[[], datetime] = lambda: datetime.now(UTC), timeout: float = 10.0) -> None:
        self._hook = hook
        self._clock = clock
        self._timeout = timeout

    def send(self, effect: Effect) -> Outcome:
        """Posts it once, and says what the receiver answered."""
        try:
            secrets = [secret.reveal() for secret in self._hook.secret]
            signed = sign(str(effect.headers["id"]), effect.payload, secrets, self._clock())
        except SettingsError as fault:
            return Outcome(State.PLANNED, reason=str(fault))
        url = urlsplit(effect.redirected or self._hook.url)
        connection = self._connection(url)
        try:
            connection.connect()
            return self._posted(connection, url, effect.payload, signed)
        except OSError as fault:
            return Outcome(State.PLANNED, reason=f"{url.netloc}: {_words(fault)}")
        finally:
            connection.close()

    def _posted(self, connection: http.client.HTTPConnection, url: SplitResult, body: bytes, signed: Mapping[str, str]) -> Outcome:
        late = Timer(2 * self._timeout, _cut, (connection,))
        late.start()
        try:
            target = f"{url.path or '/'}{'?' + url.query if url.query else ''}"
            connection.request("POST", target, body, {"content-type": "application/json", "user-agent": "einvoice-toolkit", **signed})
            answer = connection.getresponse()
            return _judged(answer, answer.read(_MOST))
        except (OSError, http.client.HTTPException) as fault:
            return Outcome(State.UNKNOWN, reason=f"{url.netloc}: {_words(fault)}")
        finally:
            late.cancel()
            late.join()

    def _connection(self, url: SplitResult) -> http.client.HTTPConnection:
        if url.scheme == "https":
            return http.client.HTTPSConnection(url.hostname or "", url.port, timeout=self._timeout, context=ssl.create_default_context())
        return http.client.HTTPConnection(url.hostname or "", url.port, timeout=self._timeout)


def _judged(answer: http.client.HTTPResponse, said: bytes) -> Outcome:
    status = answer.status
    words = f"{status} {said[:200].decode('utf-8', 'replace').strip()}".strip()
    if 200 <= status < 300:
        return Outcome(State.DELIVERED, proof=words)
    if status == 410:
        return Outcome(State.FAILED, reason=words)
    stated = answer.headers.get("Retry-After", "")
    wait = min(float(stated), _LONGEST_WAIT) if stated.isascii() and stated.isdigit() else None
    return Outcome(State.PLANNED, reason=words, retry_after=wait)


def _words(fault: Exception) -> str:
    return str(fault) or type(fault).__name__


def _cut(connection: http.client.HTTPConnection) -> None:
    """Ends a conversation that goes on for too long, a byte at a time."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(SHUT_RDWR)
