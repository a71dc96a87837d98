"""A mail as RFC 5322 writes it: built by the standard library, from parts in which no header can be smuggled."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import NamedTuple

from einvoice.errors import ReceivablesError

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)


class Mailbox(NamedTuple):
    """A name, which may hold any letters, and an address."""

    name: str
    address: str


class Mail(NamedTuple):
    """What a mail says; `key` makes its Message-ID, so that the same mail composed twice is the same bytes."""

    key: str
    sender: Mailbox
    to: Mailbox
    cc: tuple[Mailbox, ...]
    subject: str
    text: str
    language: str
    moment: datetime
    reply_to: str | None = None


def composed(mail: Mail) -> bytes:
    """The bytes of a mail: quoted-printable UTF-8, CRLF, marked as sent by a machine.

    Raises ReceivablesError where an address cannot be one.
    """
    message = EmailMessage(policy=SMTP.clone(max_line_length=200))
    message["From"] = _header(mail.sender)
    message["To"] = _header(mail.to)
    if mail.cc:
        message["Cc"] = tuple(_header(mailbox) for mailbox in mail.cc)
    if mail.reply_to and usable(mail.reply_to) != usable(mail.sender.address):
        message["Reply-To"] = Address(addr_spec=usable(mail.reply_to))
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(mail.moment)
    message["Message-ID"] = message_id(mail.key, mail.sender.address)
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = mail.language
    message.set_content(mail.text, charset="utf-8", cte="quoted-printable")
    return message.as_bytes()


def message_id(key: str, sender: str) -> str:
    """The Message-ID that follows from an effect's key."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{usable(sender).rpartition('@')[2]}>"


def usable(address: str) -> str:
    """An e-mail address as SMTP takes it: one mailbox, its domain in ASCII (IDNA).

    Raises ReceivablesError for anything else.
    """
    local, at, domain = address.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode() if not domain.isascii() else domain.lower()
    except UnicodeError:
        ascii_domain = ""
    labels = ascii_domain.split(".")
    if not at or not _LOCAL.fullmatch(local) or len(local) > 64 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ReceivablesError(f"{address!r} is no e-mail address that can be written to; correct it with the contact")
    return f"{local}@{ascii_domain}"


def envelope(to: str, cc: Sequence[str]) -> str:
    """The address of an effect: the recipient, then those who get a copy."""
    return ", ".join(dict.fromkeys(usable(address) for address in (to, *cc)))


def _header(mailbox: Mailbox) -> Address:
    return Address(display_name=_one_line(mailbox.name), addr_spec=usable(mailbox.address))


def _one_line(text: str) -> str:
    """Text without line breaks and control characters, which no header may hold."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
