"""Carries a finished message to an access point, and its answer back."""

from __future__ import annotations

from typing import BinaryIO

from einvoice_peppol.http import Answer, Http

_MOST = 2_000_000


def post(http: Http, url: str, content_type: str, body: BinaryIO | bytes, timeout: float) -> Answer:
    """Posts a message; `timeout` in seconds for each step.

    A body that is a file goes in chunks. Raises TransportError, whose `sent` says whether the message may have arrived.
    """
    headers = {"content-type": content_type, "accept": "application/soap+xml, multipart/related"}
    return http.call("POST", url, headers=headers, body=body, timeout=timeout, most=_MOST)
