"""A call to a provider that sends messages: one request on a connection of its own, and what is known of it whatever happens.

| What happens | Outcome |
|---|---|
| no name, no connection, no TLS | planned again: nothing left this machine |
| 429, and 503 with `Retry-After` | planned again, when the provider says |
| 401, 403, 407 | planned again: the settings are wrong, which says nothing of this message |
| the answer does not come, or breaks off | unknown |
| other 5xx | unknown: the request may have been carried out |
| everything else | what the provider's own words mean (`judge`) |

A connection is never used twice: one that the other side closed in the meantime would leave open whether a request arrived.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import requests
import urllib3

from einvoice.outbox import Outcome, State

_MOST = 2**20
_LONGEST_WAIT = 86_400.0
CONNECTING, READING = 5.0, 20.0
"""Seconds until a connection stands, and between two parts of an answer."""
_NOT_ALLOWED = frozenset({401, 403, 407})


class Call(NamedTuple):
    """A request: to an address, with `form` or `sent` (JSON) as its body; `secrets` are never repeated in a reason."""

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
    try:
        reply = _asked(call)
    except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError) as fault:
        return Outcome(State.PLANNED, reason=f"no connection: {_kind(fault)}")
    except requests.exceptions.ConnectionError as fault:
        return _unconnected(fault)
    except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema) as fault:
        return Outcome(State.PLANNED, reason=f"the provider's address in the settings is none: {_kind(fault)}")
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as fault:
        return Outcome(State.UNKNOWN, reason=f"the answer did not come: {_kind(fault)}")
    return _general(reply) or judge(reply)


def _asked(call: Call) -> Reply:
    with requests.post(
        call.url,
        headers={"Accept": "application/json", "Connection": "close", "User-Agent": "einvoice-toolkit", **call.headers},
        data=call.form,
        json=call.sent,
        auth=call.auth,
        timeout=(CONNECTING, READING),
        allow_redirects=False,
        stream=True,
    ) as answer:
        data = answer.raw.read(_MOST, decode_content=True)
        return Reply(answer.status_code, _json(data), _seconds(answer.headers.get("Retry-After")))


def _unconnected(fault: requests.exceptions.ConnectionError) -> Outcome:
    """Whether a connection never stood, or broke off after the request may have arrived."""
    inner = fault.args[0] if fault.args else None
    reason = getattr(inner, "reason", None)
    if isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError):
        return Outcome(State.PLANNED, reason=f"no connection: {_kind(reason)}")
    return Outcome(State.UNKNOWN, reason=f"the connection broke off: {_kind(inner) if isinstance(inner, Exception) else _kind(fault)}")


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
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(stated: str | None) -> float | None:
    return min(float(stated), _LONGEST_WAIT) if stated and stated.isascii() and stated.isdigit() else None


def _kind(fault: BaseException) -> str:
    """A fault in words that cannot hold an address or a key."""
    return type(fault).__name__


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
