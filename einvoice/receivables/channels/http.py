"""A call to a provider that sends messages: one request on a connection of its own, and what is known of it whatever happens.

| What happens | Outcome |
|---|---|
| no name, no connection, no TLS | planned again: nothing left this machine |
| 429, and 503 with `Retry-After` | planned again, when the provider says |
| 401, 403, 407 | planned again: the settings are wrong, which says nothing of this message |
| the answer does not come in time, or breaks off | unknown |
| other 5xx, 3xx | unknown: the request may have been carried out |
| everything else | what the provider's own words mean (`judge`) |

The connection is made first and apart: what goes wrong once it stands may have arrived. It is never used twice, since one that the other
side closed meanwhile would leave open whether a request arrived. The standard library's client does exactly this, and follows nothing.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from socket import SHUT_RDWR
from threading import Timer
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlencode, urlsplit

from einvoice.outbox import Outcome, State

_MOST = 2**20
_LONGEST_WAIT = 86_400.0
STEP, WHOLE = 10.0, 30.0
"""Seconds for one step of a call, and for all of it."""
_NOT_ALLOWED = frozenset({401, 403, 407})


class Call(NamedTuple):
    """A POST: to an address, with `form` or `sent` (JSON) as its body, and `auth` as a name and a password."""

    url: str
    headers: Mapping[str, str] = {}
    form: Mapping[str, str] | None = None
    sent: Any = None
    auth: tuple[str, str] | None = None


class Reply(NamedTuple):
    """An answer: its status, the JSON of its body ({} where it has none), the seconds of `Retry-After`."""

    status: int
    body: Mapping[str, Any]
    retry_after: float | None = None


Judge = Callable[[Reply], Outcome]


def exchanged(call: Call, judge: Judge) -> Outcome:
    """Makes a call, and says what is known of the message."""
    url = urlsplit(call.url)
    try:
        connection = _connection(url)
        connection.connect()
    except (OSError, http.client.HTTPException, ValueError) as fault:
        return Outcome(State.PLANNED, reason=f"no connection to {url.hostname}: {type(fault).__name__}")
    late = Timer(WHOLE, _cut, (connection,))
    late.start()
    try:
        reply = _asked(connection, url, call)
    except (OSError, http.client.HTTPException) as fault:
        return Outcome(State.UNKNOWN, reason=f"{url.hostname} did not answer to the end: {type(fault).__name__}")
    finally:
        late.cancel()
        late.join()
        connection.close()
    return _general(reply) or judge(reply)


def _connection(url: SplitResult) -> http.client.HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "https":
        return http.client.HTTPSConnection(host, url.port, timeout=STEP, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, url.port, timeout=STEP)


def _asked(connection: http.client.HTTPConnection, url: SplitResult, call: Call) -> Reply:
    body, kind = _body(call)
    headers = {"Accept": "application/json", "Connection": "close", "User-Agent": "einvoice-toolkit", "Content-Type": kind, **call.headers}
    if call.auth:
        headers["Authorization"] = f"Basic {base64.b64encode(':'.join(call.auth).encode()).decode()}"
    connection.request("POST", f"{url.path or '/'}{'?' + url.query if url.query else ''}", body, headers)
    answer = connection.getresponse()
    return Reply(answer.status, _json(answer.read(_MOST)), _seconds(answer.headers.get("Retry-After")))


def _body(call: Call) -> tuple[bytes, str]:
    if call.form is not None:
        return urlencode(call.form).encode(), "application/x-www-form-urlencoded"
    return json.dumps(call.sent, ensure_ascii=False).encode(), "application/json"


def _cut(connection: http.client.HTTPConnection) -> None:
    """Ends a conversation that goes on for too long, a byte at a time."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(SHUT_RDWR)


def _general(reply: Reply) -> Outcome | None:
    """What a status says with every provider; None where the provider's own words count."""
    if reply.status == 429 or (reply.status == 503 and reply.retry_after is not None):
        return Outcome(State.PLANNED, reason=f"{reply.status}: too busy now", retry_after=reply.retry_after)
    if reply.status in _NOT_ALLOWED:
        return Outcome(State.PLANNED, reason=f"{reply.status}: the provider does not let us in; see its keys in the settings")
    if reply.status >= 500 or 300 <= reply.status < 400:
        return Outcome(State.UNKNOWN, reason=f"{reply.status}: the provider does not say whether it was sent")
    return None


def _json(data: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(stated: str | None) -> float | None:
    return min(float(stated), _LONGEST_WAIT) if stated and stated.isascii() and stated.isdigit() else None


def taken(reply: Reply, ref: object, what: str) -> Outcome:
    """A message that a provider took under an id of its own; unknown where it gives none."""
    if not isinstance(ref, str) or not ref:
        return Outcome(State.UNKNOWN, reason=f"{reply.status}: {what} took it without an id")
    return Outcome(State.SENT, provider=ref, proof=f"{what} {reply.status} {ref}")


def international(number: str) -> str:
    """A telephone number as E.164 writes it: a plus and digits; what is written between them is left out.

    Raises ValueError where it is none.
    """
    bare = "".join(sign for sign in number.replace("(0)", "") if sign not in " .-/()\u00a0")
    bare = f"+{bare[2:]}" if bare.startswith("00") else bare
    if not (bare.startswith("+") and bare[1:].isascii() and bare[1:].isdigit() and 8 <= len(bare) - 1 <= 15):
        raise ValueError("it is no international telephone number such as +32 470 12 34 56")
    return bare
