"""A mail as RFC 5322 and 2045 write it: its head by the standard library, so that no header can be smuggled; its parts by the key.

Nothing in it is chance: the Message-ID and the boundaries between the parts follow from the key, the date from what is passed.
"""

from __future__ import annotations

import base64
import binascii
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
_POLICY = SMTP.clone(max_line_length=200)
_UNSAFE = re.compile(r"[^A-Za-z0-9._ -]", re.ASCII)
_LONGEST_NAME = 80
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)


class Mailbox(NamedTuple):
    """A name, which may hold any letters, and an address."""

    name: str
    address: str


class Part(NamedTuple):
    """A file that goes with a mail: the name that it is saved by, its type, its bytes; `cid` where the HTML shows it (RFC 2392)."""

    name: str
    type: str
    data: bytes
    cid: str = ""


class Mail(NamedTuple):
    """What a mail says; `key` makes its Message-ID, so that the same mail composed twice is the same bytes.

    `html` says the same as `text`; `pictures` are those that it shows, `attachments` files beside it.
    """

    key: str
    sender: Mailbox
    to: Mailbox
    cc: tuple[Mailbox, ...]
    subject: str
    text: str
    language: str
    moment: datetime
    reply_to: str | None = None
    html: str = ""
    pictures: tuple[Part, ...] = ()
    attachments: tuple[Part, ...] = ()


def composed(mail: Mail) -> bytes:
    """The bytes of a mail: UTF-8, CRLF, marked as sent by a machine; text alone, or text and HTML as alternatives, then attachments.

    Raises ReceivablesError where an address cannot be one.
    """
    return _head(mail) + _body(mail)


def _head(mail: Mail) -> bytes:
    message = EmailMessage(policy=_POLICY)
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
    message["MIME-Version"] = "1.0"
    return message.as_bytes().removesuffix(b"\r\n")


def _body(mail: Mail) -> bytes:
    """The parts (RFC 2046, 5.1): the plainest first among alternatives, the pictures related to the HTML (RFC 2387)."""
    made = _text("plain", mail.text)
    if mail.html:
        shown = _text("html", mail.html)
        if mail.pictures:
            shown = _many(mail.key, "related", [shown, *(_file(part) for part in mail.pictures)], '; type="text/html"')
        made = _many(mail.key, "alternative", [made, shown])
    return _many(mail.key, "mixed", [made, *(_file(part) for part in mail.attachments)]) if mail.attachments else made


def _many(key: str, kind: str, parts: Sequence[bytes], more: str = "") -> bytes:
    """Parts between boundaries; `=_` stands in no text that is quoted-printable or base64 (RFC 2045, 6.7)."""
    mark = f"=_{hashlib.sha256(f'{kind}:{key}'.encode()).hexdigest()[:32]}"
    head = f'Content-Type: multipart/{kind}{more};\r\n boundary="{mark}"\r\n\r\n'.encode()
    return b"".join((head, *(f"--{mark}\r\n".encode() + part + b"\r\n" for part in parts), f"--{mark}--\r\n".encode()))


def _text(kind: str, text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    made = binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")
    return f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'.encode() + made


def _file(part: Part) -> bytes:
    name = _UNSAFE.sub("-", part.name)[-_LONGEST_NAME:].lstrip(".") or "file"
    place = f"Content-ID: <{part.cid}>\r\nContent-Disposition: inline" if part.cid else "Content-Disposition: attachment"
    head = f'Content-Type: {part.type}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n{place}; filename="{name}"\r\n\r\n'
    return head.encode("ascii") + base64.encodebytes(part.data).replace(b"\n", b"\r\n")


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
