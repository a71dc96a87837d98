"""The one HTTP client behind a port: bounded in time and size, no redirects, TLS 1.2 or better.

Where it fails it says whether the request may have arrived: what surely did not may be tried again.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from threading import Timer
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple, Protocol, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from einvoice.errors import TransportError

MOST = 2_000_000
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_STEP = 65_536
_ROUNDS, _ROUNDS_OF_FILES = 3, 60
"""So many times the time for a step may pass until a call has ended, without and with a file that is sent."""
_LONGEST = 480.0
"""Seconds after which every call has ended: well before the lease of an effect (10 minutes), after which another worker sends it too."""


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

        A body that is a file is sent in chunks. `timeout` in seconds for each step, three times that for the whole call (sixty times
        where a file is sent), eight minutes at most; `most` bytes of answer are read. A header `connection: close` has a connection
        made for this call alone: one that was kept may have been closed by the other side, and then nobody knows whether the request
        arrived. Raises TransportError, whose `sent` says whether the request may have arrived.
        """


class Client:
    """The real one. Addresses are https, or http on this machine; one connection is kept for each host. One thread uses it at a time.

    A `plain` one takes http everywhere: for what is signed itself, as OCSP answers and revocation lists are.
    """

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        self._session = requests.Session()
        self._session.trust_env = False  # neither .netrc nor proxies of the environment: what is sent goes where the network says
        self._watch = _Watch()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, _Modern(self._watch))

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
        if stated.get("connection") == "close":
            self.close()  # whatever stands from a call before; the other side may not have said that it closes it
        limit = min(_LONGEST, timeout * (_ROUNDS if body is None or isinstance(body, bytes) else _ROUNDS_OF_FILES))
        with self._watch.over(limit) as watch:
            try:
                answer = self._session.request(method, url, headers=stated, data=body, timeout=timeout, allow_redirects=False, stream=True)
            except (requests.exceptions.RequestException, ValueError) as fault:  # the latter for names that no host can have
                words = _late(limit) if watch.ended else _words(fault)
                raise TransportError(f"{url}: {words}", sent=watch.began and not _is_before(fault)) from None
            with answer:
                read = _read(answer, url, most)
        if watch.ended:  # an answer without a length looks whole where it was cut off
            raise TransportError(f"{url}: {_late(limit)}", sent=True)
        return Answer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, read)

    def close(self) -> None:
        """Ends its connections."""
        self._session.close()


class _Watch:
    """Ends a call that takes too long, whatever the other side still sends byte by byte: shuts the connection that it uses."""

    def __init__(self) -> None:
        self.ended = False
        self.began = False
        self._connection: HTTPConnection | None = None
        self._answering: socket.socket | None = None
        self._timer: Timer | None = None

    def over(self, limit: float) -> Self:
        """Watches what follows for so many seconds."""
        self.ended, self.began, self._connection, self._answering = False, False, None, None
        self._timer = Timer(limit, self._end)
        self._timer.daemon = True
        return self

    def __enter__(self) -> Self:
        assert self._timer is not None
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        assert self._timer is not None
        self._timer.cancel()

    def uses(self, connection: HTTPConnection) -> None:
        """The connection of the call; none is used any more once it has ended."""
        self._connection = connection
        if self.ended:
            raise TimeoutError("the call took too long")

    def begins(self, connection: HTTPConnection) -> None:
        """A request is written now: by TLS after the handshake, else as soon as there is a connection."""
        self.uses(connection)
        self.began = True

    def awaits(self, connection: HTTPConnection) -> None:
        """An answer comes now; a connection that ends with it forgets its socket before all is read."""
        self._answering = connection.sock

    def _end(self) -> None:
        self.ended = True
        used = self._answering or getattr(self._connection, "sock", None)
        if used is not None:
            with suppress(OSError):
                socket.socket.shutdown(used, socket.SHUT_RDWR)  # below TLS: its own shutdown takes the ciphers away from the reader


class _Modern(HTTPAdapter):
    """TLS 1.2 or better, every call watched."""

    def __init__(self, watch: _Watch) -> None:
        self._watch = watch
        super().__init__()

    def init_poolmanager(self, *args: object, **more: object) -> None:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        super().init_poolmanager(*args, ssl_context=context, **more)  # type: ignore[arg-type]
        self.poolmanager.pool_classes_by_scheme = _pools(self._watch)


def _pools(watch: _Watch) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose connections say which one is used."""

    class Watched(HTTPConnection):
        def connect(self) -> None:
            watch.uses(self)
            super().connect()

        def request(self, *args: Any, **more: Any) -> None:
            watch.begins(self)
            super().request(*args, **more)

        def getresponse(self) -> Any:
            watch.awaits(self)
            return super().getresponse()

    class WatchedTLS(Watched, HTTPSConnection):
        pass

    plain = type("WatchedPool", (HTTPConnectionPool,), {"ConnectionCls": Watched})
    return {"http": plain, "https": type("WatchedTLSPool", (HTTPSConnectionPool,), {"ConnectionCls": WatchedTLS})}


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


def _late(limit: float) -> str:
    return f"it took more than {limit:.0f} seconds"


def _is_before(fault: Exception) -> bool:
    """Whether a connection was never made, so that surely nothing arrived."""
    cause: BaseException | None = fault
    with suppress(AttributeError, IndexError):
        cause = getattr(fault.args[0], "reason", fault.args[0])
    return type(cause).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")


def _words(fault: Exception) -> str:
    return " ".join(str(fault).split())[:300] or type(fault).__name__
