"""The port through which artefacts are fetched, and its adapter for HTTPS: bounded in size and time, never by an open connection."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import urlsplit

from einvoice.errors import ArtefactError, ArtefactMissing

TIMEOUT = 30
"""Seconds that a server may be silent."""
DEADLINE = 600
"""Seconds that a download may take."""
PIECE = 1 << 16
ELSEWHERE = "fetch it by other means and run: einvoice artefacts install --from PATH"


class Fetch(Protocol):
    """What fetches an address."""

    def __call__(self, url: str, into: Path, most: int) -> None:
        """Writes what the address gives into a file, at most `most` bytes of it.

        Raises ArtefactError, and ArtefactMissing where it could not be fetched.
        """


def download(url: str, into: Path, most: int) -> None:
    """Fetches an address over HTTPS, or HTTP from this machine itself.

    Raises ArtefactMissing where the server cannot be reached, refuses or breaks off, ArtefactError where the answer is too large.
    """
    request = urllib.request.Request(_allowed(url), headers={"User-Agent": "einvoice-toolkit", "Accept-Encoding": "identity"})  # noqa: S310 - the scheme is checked
    try:
        with urllib.request.build_opener(_Redirects()).open(request, timeout=TIMEOUT) as answer, into.open("wb") as file:
            written = _copy(answer, file, most, time.monotonic() + DEADLINE)
            expected = answer.headers.get("Content-Length")
    except (OSError, HTTPException, ValueError) as fault:
        raise ArtefactMissing(f"{url} could not be fetched: {getattr(fault, 'reason', None) or fault}; {ELSEWHERE}") from None
    if expected is not None and expected.isdigit() and int(expected) != written:
        raise ArtefactMissing(f"{url} broke off after {written:,} of {int(expected):,} bytes; run the command again, or {ELSEWHERE}")


def _copy(answer: Any, file: IO[bytes], most: int, until: float) -> int:
    written = 0
    while piece := answer.read1(PIECE):
        written += len(piece)
        if written > most:
            raise ArtefactError(f"{answer.url} is larger than {most:,} bytes")
        if time.monotonic() > until:
            raise TimeoutError(f"it took more than {DEADLINE} seconds")
        file.write(piece)
    return written


def _allowed(url: str) -> str:
    """The address, if it may be fetched."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")):
        return url
    raise ArtefactError(f"{url}: artefacts are fetched over HTTPS only")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects only to where a download may come from."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        return super().redirect_request(req, fp, code, msg, headers, _allowed(newurl))
