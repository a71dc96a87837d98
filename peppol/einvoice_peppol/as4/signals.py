"""Signals: the receipt or the errors that answer a user message (ebMS 3.0 core 5.2.3, AS4 profile 1.0 5.1.8)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from lxml import etree

from einvoice_peppol.as4.message import Reference


class Receipt(NamedTuple):
    """A receipt as it was read, its signature not yet verified: its own id and moment, the message that it is about, the references
    that it repeats (none where it is no receipt of non-repudiation), the envelope it stands in.
    """

    message_id: str
    timestamp: datetime
    about: str
    references: tuple[Reference, ...]
    envelope: etree._Element


class SignalledError(NamedTuple):
    """An error of a signal: `EBMS:0004`, its severity (`failure` or `warning`), the words for it, empty where it states none."""

    code: str
    severity: str
    short: str
    detail: str
    about: str | None


class ErrorSignal(NamedTuple):
    """The errors that answer a message; it may come unsigned. `about` is None where it does not say which message."""

    message_id: str
    timestamp: datetime
    about: str | None
    errors: tuple[SignalledError, ...]
    envelope: etree._Element


def read(content_type: str, data: bytes) -> Receipt | ErrorSignal:
    """The signal that an answer is: a SOAP envelope alone or as the only part of multipart/related.

    Raises Refused where it is none.
    """
    raise NotImplementedError
