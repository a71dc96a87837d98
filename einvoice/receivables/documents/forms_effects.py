"""A message as an effect of the outbox: the bytes that a channel sends, made from its content.

| Channel | Payload |
|---|---|
| email | a mail: text and HTML, pictures, attachments; of a formal document the letter, too |
| letter, registered_letter | PDF/A-3b |
| sms, whatsapp | the short text, UTF-8 |
| computer_call | JSON: `say`, `language`, `keys` (what each key that is pressed means) |

The headers of every effect say `type`, `title`, `language`, `document` and `code`, and, where it asks for money, `amount`, `currency`
and `iban`: what `verify` answers with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from einvoice.outbox import Effect
from einvoice.receivables.channels.mime import Mail, Mailbox, Part, composed, envelope
from einvoice.receivables.documents import letter, mail
from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.letter_press import pages
from einvoice.receivables.documents.plain import text
from einvoice.receivables.documents.templates import Templates
from einvoice.receivables.policy.model import SEVERE
from einvoice.rendering.house import House

KEYS: Mapping[str, str] = {"1": "paid", "2": "call_me", "3": "dispute", "4": "plan"}
"""What the keys of a computer call mean."""
FORMAL = frozenset({*SEVERE, "plan"})
"""Documents that a mail brings as a letter, too."""
_REGISTERED = "registered_letter"


class Way(NamedTuple):
    """How a message goes out: its key and channel, where it comes from and goes to, when, in which style, with which files.

    `address` is the effect's: for a letter the lines in the window. `lines` are those lines for a letter in a mail; `sender` is the
    mailbox that mail comes from; `origin` the parts of the line above the address.
    """

    key: str
    channel: str
    address: str
    moment: datetime
    day: date
    lines: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    to: str = ""
    sender: Mailbox | None = None
    reply_to: str | None = None
    cc: tuple[Mailbox, ...] = ()
    files: tuple[Part, ...] = ()
    house: House = House()
    templates: Templates | None = None


def effect(content: Content, way: Way, owner: str, subject: str) -> Effect:
    """The effect of a message by a channel.

    Raises ReceivablesError where an address cannot be written to, RenderError or MissingGlyph where a layout or a font is at fault.
    """
    payload, headers = _FORMS[way.channel](content, way)
    address = envelope(way.address, [mailbox.address for mailbox in way.cc]) if way.channel == "email" else way.address
    return Effect(way.key, owner, subject, way.channel, address, payload, {**about(content), **headers})


def about(content: Content) -> dict[str, Any]:
    """What the headers of every effect say of a message."""
    made = {"title": content.subject, "language": content.language, "document": content.document, "code": content.code}
    asked = content.transfer
    if asked is not None:
        made |= {"amount": str(asked.amount), "currency": asked.currency, "iban": asked.iban.replace(" ", "")}
    return {name: value for name, value in made.items() if value}


def _mail(content: Content, way: Way) -> tuple[bytes, dict[str, Any]]:
    assert way.sender is not None
    page = mail.page(content, way.house, way.templates)
    made = Mail(
        way.key,
        way.sender,
        Mailbox(way.to, way.address),
        way.cc,
        content.subject,
        text(content),
        content.language,
        way.moment,
        way.reply_to,
        page.html,
        tuple(Part(picture.name, picture.type, picture.data, picture.cid) for picture in page.pictures),
        (*_formal(content, way), *way.files),
    )
    return composed(made), {"sender": way.sender.address, "type": "message/rfc822"}


def _formal(content: Content, way: Way) -> tuple[Part, ...]:
    """The letter that goes with a mail of a formal document."""
    if content.document not in FORMAL:
        return ()
    return (Part(f"{content.document.replace('_', '-')}.pdf", "application/pdf", _pdf(content, way, way.lines)),)


def _letter(content: Content, way: Way) -> tuple[bytes, dict[str, Any]]:
    made = _pdf(content, way, tuple(way.address.split("\n")), registered=way.channel == _REGISTERED)
    return made, {"type": "application/pdf", "pages": pages(made), "window": way.house.style.window}


def _pdf(content: Content, way: Way, lines: tuple[str, ...], *, registered: bool = False) -> bytes:
    return letter.pdf(content, lines, way.day, way.house, sender=way.origin, registered=registered, templates=way.templates)


def _short(content: Content, way: Way) -> tuple[bytes, dict[str, Any]]:  # noqa: ARG001 - one signature
    return content.short.encode(), {"type": "text/plain; charset=utf-8"}


def _call(content: Content, way: Way) -> tuple[bytes, dict[str, Any]]:  # noqa: ARG001 - one signature
    said = {"say": content.spoken, "language": content.language, "keys": dict(KEYS)}
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode(), {"type": "application/json"}


_FORMS: Mapping[str, Callable[[Content, Way], tuple[bytes, dict[str, Any]]]] = {
    "email": _mail,
    "letter": _letter,
    _REGISTERED: _letter,
    "sms": _short,
    "whatsapp": _short,
    "computer_call": _call,
}
CHANNELS = frozenset(_FORMS)
"""The channels that have a form here."""
