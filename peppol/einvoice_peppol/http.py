"""The one HTTP client behind a port: bounded in time and size, no redirects, TLS 1.2 or better.

Where it fails it says whether the request may have arrived: what surely did not may be tried again.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import BinaryIO, NamedTuple, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from einvoice.errors import TransportError

MOST = 2_000_000
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_STEP = 65_536


class Answer(NamedTuple):
    """What came back: the status, the headers (names in lower case), the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http(Protocol):
    """Whoever carries requests."""

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | BinaryIO | None = None,
        timeout: float = 30.0,
        most: int = MOST,
    ) -> Answer:
        """One request and its answer, whatever its status.

        A body that is a file is sent in chunks. `timeout` in seconds for each step, `most` bytes of answer are read. Raises
        TransportError, whose `sent` says whether the request may have arrived.
        """


class Client:
    """The real one. Addresses are https, or http on this machine; one connection is kept for each host. One thread uses it at a time.

    A `plain` one takes http everywhere: for what is signed itself, as OCSP answers and revocation lists are.
    """

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        self._session = requests.Session()
        self._session.trust_env = False  # neither .netrc nor proxies of the environment: what is sent goes where the network says
        self._session.mount("https://", _Modern())

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | BinaryIO | None = None,
        timeout: float = 30.0,
        most: int = MOST,
    ) -> Answer:
        """See Http."""
        _permitted(url, plain=self._plain)
        stated = {"user-agent": "einvoice-toolkit", "accept-encoding": "identity", **(headers or {})}
        try:
            answer = self._session.request(method, url, headers=stated, data=body, timeout=timeout, allow_redirects=False, stream=True)
        except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError) as fault:
            raise TransportError(f"{url} cannot be reached: {_words(fault)}") from None
        except requests.exceptions.RequestException as fault:
            raise TransportError(f"{url}: {_words(fault)}", sent=not _is_before(fault)) from None
        with answer:
            return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, _read(answer, url, most))

    def close(self) -> None:
        """Ends its connections."""
        self._session.close()


class _Modern(HTTPAdapter):
    """TLS 1.2 or better."""

    def init_poolmanager(self, *args: object, **more: object) -> None:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        super().init_poolmanager(*args, ssl_context=context, **more)  # type: ignore[arg-type]


def _permitted(url: str, *, plain: bool) -> None:
    try:
        parts = urlsplit(url)
        is_fine = parts.scheme == "https" or (parts.scheme == "http" and (plain or parts.hostname in _HERE))
    except ValueError:
        is_fine = False
    if not is_fine or not parts.hostname:
        raise TransportError(f"{url!r} is no address that anything is sent to; it must begin with https:// (http:// only on this machine)")


def _read(answer: requests.Response, url: str, most: int) -> bytes:
    parts, left = [], most
    try:
        for part in answer.iter_content(_STEP):
            left -= len(part)
            if left < 0:
                raise TransportError(f"{url} answers with more than {most:,} bytes", sent=True)
            parts.append(part)
    except requests.exceptions.RequestException as fault:
        raise TransportError(f"{url}: its answer broke off: {_words(fault)}", sent=True) from None
    return b"".join(parts)


def _is_before(fault: Exception) -> bool:
    """Whether a connection was never made, so that surely nothing arrived."""
    cause: BaseException | None = fault
    with suppress(AttributeError, IndexError):
        cause = getattr(fault.args[0], "reason", fault.args[0])
    return type(cause).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "SSLError")


def _words(fault: Exception) -> str:
    return " ".join(str(fault).split())[:300] or type(fault).__name__
