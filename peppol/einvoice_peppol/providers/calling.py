"""Calls to the API of a hosted access point, and what is known of a document after each, whatever happens.

| What happens | Of a document that is sent | Of what is asked |
|---|---|---|
| no address, no connection, no TLS, no token | planned again: nothing left this machine | TransportError |
| 408, 425, 429 | planned again, when the provider says (`Retry-After`) | TransportError |
| 401 to 405, 407 | planned again: settings or account are wrong, nothing is said of this document | TransportError, 404 Rejected |
| other 4xx | failed: it refuses this document | Rejected |
| 409 | unknown: it may have the document from an earlier attempt | Rejected |
| 3xx, 5xx | unknown: it may have been taken all the same | TransportError |
| broken off, or no answer in time | unknown | TransportError |
| 2xx | what the provider's own words mean (`judge`) | the answer |

Every call has a connection of its own: one kept open, which the other side closed meanwhile, would leave open whether a request arrived.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode
from uuid import uuid4

from einvoice.errors import EInvoiceError, PeppolError, Rejected, TransportError
from einvoice.outbox import Outcome, State
from einvoice_peppol.http import MOST, Answer, Http

DOCUMENT = 150_000_000
"""Bytes of an answer that carries a document."""
_LONGEST_WAIT = 86_400.0
_LATER = frozenset({408, 425, 429})
_NOT_LET_IN = frozenset({401, 402, 403, 405, 407})
_REASON = 500


class Reply(NamedTuple):
    """An answer: the status, the seconds of `Retry-After`, the headers (names in lower case), the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def wait(self) -> float | None:
        """The seconds that `Retry-After` states, at most a day; None where it states none."""
        stated = self.headers.get("retry-after", "").strip()
        return min(float(stated), _LONGEST_WAIT) if stated.isascii() and stated.isdigit() else None

    def json(self) -> Any:
        """The body as JSON.

        Raises Rejected where it is none.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Rejected(f"the answer (HTTP {self.status}) is not the JSON that is documented") from None

    def object(self) -> Mapping[str, Any]:
        """The body as a JSON object; {} where it is none."""
        try:
            found = self.json()
        except Rejected:
            return {}
        return found if isinstance(found, dict) else {}


Judge = Callable[[Reply], Outcome]
Headers = Callable[[], Mapping[str, str]]


class Api:
    """A provider's API: its name for people, its address, the headers that let us in (asked for at each call), seconds for a step.

    One thread uses it at a time.
    """

    def __init__(self, name: str, http: Http, base: str, headers: Headers, timeout: float = 60.0) -> None:
        self.name = name
        self._http = http
        self._base = base.rstrip("/")
        self._headers = headers
        self._timeout = timeout

    def hand_over(self, method: str, path: str, judge: Judge, *, refused: Judge | None = None, **what: Any) -> Outcome:
        """Hands a document over and says what is known of it; `judge` says what a 2xx means, `what` is as `call` has it.

        `refused` says what any other answer means, where the table above does not.
        """
        try:
            allowed = self._headers()
        except EInvoiceError as fault:
            return Outcome(State.PLANNED, reason=f"{self.name}: {fault}")
        try:
            reply = self._called(method, path, allowed, **what)
        except TransportError as fault:
            return Outcome(State.UNKNOWN if fault.sent else State.PLANNED, reason=f"{self.name}: {fault}")
        return judge(reply) if 200 <= reply.status < 300 else (refused or self.refused)(reply)

    def refused(self, reply: Reply) -> Outcome:
        """What an answer that is no 2xx means for a document that was sent."""
        words = self.words(reply)
        if reply.status in _LATER:
            return Outcome(State.PLANNED, reason=words, retry_after=reply.wait)
        if reply.status in _NOT_LET_IN or reply.status == 404:
            return Outcome(State.PLANNED, reason=f"{words}; see its address and its keys in the settings, and the account there")
        if 400 <= reply.status < 500 and reply.status != 409:
            return Outcome(State.FAILED, reason=words, answered=True)
        return Outcome(State.UNKNOWN, reason=words, answered=reply.status == 409)

    def words(self, reply: Reply) -> str:
        """What the provider says in an answer, as one line."""
        return f"{self.name}: HTTP {reply.status}{_words(reply)}"

    def ask(self, method: str, path: str, **what: Any) -> Reply:
        """Asks for something that may be asked for again, and gives the answer where it is a 2xx; `what` is as `call` has it.

        Raises TransportError where the provider as a whole does not answer, does not let us in or has no time, Rejected (whose code is
        the status) where it refuses this.
        """
        return self.succeeded(self.call(method, path, **what))

    def succeeded(self, reply: Reply) -> Reply:
        """An answer that is a 2xx.

        Raises what `ask` raises for any other.
        """
        if 200 <= reply.status < 300:
            return reply
        words = self.words(reply)
        if 400 <= reply.status < 500 and reply.status not in _NOT_LET_IN | _LATER:
            raise Rejected(words, str(reply.status))
        raise TransportError(words, sent=reply.status >= 500)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        sent: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        most: int = MOST,
    ) -> Reply:
        """One call and its answer, whatever its status; `sent` is a value that goes as JSON, `body` bytes whose type `headers` state.

        Raises TransportError.
        """
        return self._called(method, path, self._headers(), query=query, sent=sent, body=body, headers=headers, most=most)

    def _called(
        self,
        method: str,
        path: str,
        allowed: Mapping[str, str],
        *,
        query: Mapping[str, str] | None = None,
        sent: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        most: int = MOST,
    ) -> Reply:
        stated = {"accept": "application/json", "connection": "close", **(headers or {}), **allowed}
        if sent is not None:
            body = json.dumps(sent, ensure_ascii=False).encode()
            stated["content-type"] = "application/json"
        url = f"{self._base}/{path.lstrip('/')}{'?' + urlencode(query) if query else ''}"
        answer: Answer = self._http.call(method, url, headers=stated, body=body, timeout=self._timeout, most=most)
        return Reply(answer.status, answer.headers, answer.body)


def _words(reply: Reply) -> str:
    """What the provider says of a refusal, as one line of bounded length."""
    said = " ".join("".join(sign if sign.isprintable() else " " for sign in reply.body[:4_000].decode("utf-8", "replace")).split())
    return f": {said[:_REASON]}" if said else ""


def taken(reply: Reply, provider: str, ref: object) -> Outcome:
    """SENT under the provider's id; UNKNOWN where it says that it took a document and not under which id."""
    if isinstance(ref, bool) or not isinstance(ref, str | int) or not 0 < len(str(ref)) <= 150:
        return Outcome(State.UNKNOWN, reason=f"{provider}: HTTP {reply.status} without the id of what it took", answered=True)
    return Outcome(State.SENT, provider=str(ref), proof=f"{provider} {reply.status} {ref}", answered=True)


def segment(value: object) -> str:
    """A value as one part of an address's path."""
    text = str(value)
    if text in ("", ".", ".."):
        raise Rejected(f"{text!r} is no id")
    return quote(text, safe="")


def text_of(found: Mapping[str, Any], name: str) -> str:
    """A field that has to be there as text that says something.

    Raises Rejected.
    """
    value = found.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Rejected(f"the answer has no {name}")
    return value.strip()


def multipart(name: str, filename: str, kind: str, data: bytes, fields: Mapping[str, str] | None = None) -> tuple[str, bytes]:
    """A file, and fields before it, as multipart/form-data (RFC 7578): the content type and the body. Names are ours, ASCII."""
    boundary = uuid4().hex
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{at}"\r\n\r\n{value}\r\n' for at, value in (fields or {}).items()]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: {kind}\r\n\r\n'
    body = b"".join((*(part.encode() for part in parts), head.encode(), data, f"\r\n--{boundary}--\r\n".encode()))
    return f"multipart/form-data; boundary={boundary}", body


def is_signed(secret: str, signed: bytes, stated: str) -> bool:
    """Whether `stated` is the HMAC-SHA256 of what was signed, in hexadecimal digits, whatever their case."""
    return hmac.compare_digest(
        hmac.digest(secret.encode(), signed, "sha256").hex().encode(), stated.strip().lower().encode("utf-8", "replace")
    )


def heard(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a webhook whose signature was checked.

    Raises PeppolError where it is none.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise PeppolError("the webhook is not the JSON object that is documented")
    return found


def let_in(name: str, secret: str) -> str:
    """A key as a header may carry it.

    Raises PeppolError, which does not repeat it, where it has line ends or signs beyond ASCII.
    """
    if not secret.isascii() or not secret.isprintable():
        raise PeppolError(f"the key of {name} has signs that no header carries; write it again where the settings point")
    return secret
