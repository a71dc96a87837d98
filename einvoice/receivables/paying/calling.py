"""Calls to payment providers: JSON back, in bounded time and size, no redirects; what failed says whether it may be asked again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import requests

from einvoice.receivables.paying.port import Refused, Unavailable

_MOST = 4 * 2**20
_PATIENCE = 2.0
"""The longest pause, in seconds, after which a call is made a second time at once: a payer is waiting."""
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class Answered(NamedTuple):
    """What a provider answered: its status, and the JSON of its body."""

    status: int
    body: dict[str, Any]


class Api:
    """A provider's API with its key, which is never shown."""

    def __init__(
        self,
        title: str,
        address: str,
        key: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float = 15,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._title = title
        self._address = address.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json", **(headers or {})}
        self._timeout = timeout
        self._pause = pause

    def call(self, method: str, path: str, *, key: str | None = None, sent: Any = None, form: Mapping[str, str] | None = None) -> Answered:
        """The answer to a call, 404 and 410 among them; `key` is its idempotency key, with which it is made twice where the first failed.

        Raises Refused for other answers below 500, Unavailable where nothing useful came.
        """
        try:
            return self._once(method, path, key, sent, form)
        except Unavailable as fault:
            wait = fault.retry_after if fault.retry_after is not None else 0.2
            if wait > _PATIENCE or (method != "GET" and key is None):
                raise
            self._pause(wait)
        return self._once(method, path, key, sent, form)

    def _once(self, method: str, path: str, key: str | None, sent: Any, form: Mapping[str, str] | None) -> Answered:
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        try:
            with requests.request(
                method,
                f"{self._address}{path}",
                headers=headers,
                json=sent,
                data=form,
                timeout=(5, self._timeout),
                allow_redirects=False,
                stream=True,
            ) as answer:
                data = answer.raw.read(_MOST + 1, decode_content=True)
                return self._read(answer.status_code, data, answer.headers.get("Retry-After"))
        except (requests.RequestException, OSError) as fault:
            raise Unavailable(f"{self._title} did not answer ({type(fault).__name__}); try again in a while") from None
        except Exception as fault:  # urllib3 raises its own where a connection breaks off in the body
            if not type(fault).__module__.startswith("urllib3"):
                raise
            raise Unavailable(f"{self._title} broke off ({type(fault).__name__}); try again in a while") from None

    def _read(self, status: int, data: bytes, retry_after: str | None) -> Answered:
        if status in _AGAIN or status >= 500:
            seconds = float(retry_after) if retry_after and retry_after.isdigit() else None
            raise Unavailable(f"{self._title} is busy ({status}); try again in a while", seconds)
        try:
            body = json.loads(data) if data and len(data) <= _MOST else None
        except ValueError:
            body = None
        if status in (404, 410):
            return Answered(status, body if isinstance(body, dict) else {})
        if not 200 <= status < 300:
            raise Refused(f"{self._title} refuses ({status}): {_words(body)}; see the settings and the provider's own page")
        if not isinstance(body, dict):
            raise Unavailable(f"{self._title} answered with something else than JSON; try again in a while")
        return Answered(status, body)


def _words(body: Any) -> str:
    """What a provider says is wrong: Mollie's `detail`, Stripe's `error.message`."""
    if not isinstance(body, dict):
        return "without a reason"
    error = body.get("error")
    said = body.get("detail") or (error.get("message") if isinstance(error, dict) else None) or body.get("title")
    return str(said)[:300] if said else "without a reason"
