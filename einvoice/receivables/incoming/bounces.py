"""Reads mails that came back or were answered: delivery reports, automatic answers, what people wrote; each as news.

A delivery report is a `multipart/report` with a part `message/delivery-status` (RFC 3464) or `message/global-delivery-status`
(RFC 6533): one block of fields for the message, one for each recipient. The message is known by its Message-ID, in the returned headers
or in the address that the report came to. Automatic answers are told by `Auto-Submitted` (RFC 3834) and what older programs write.

| Found | News |
|---|---|
| Action failed | status: bounced; the reason begins with the status of RFC 3463, 4.x.x for what passes |
| Action delivered | status: delivered |
| Action delayed, relayed, expanded | delayed, auto: nothing follows |
| an automatic answer, a receipt of reading (RFC 8098) | auto |
| anything else, a complaint (RFC 5965), a report that says nothing | reply |

Nothing is believed here: whether a Message-ID is ours, `following` asks the outbox.
"""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import Message
from email.parser import HeaderParser
from email.utils import getaddresses, parsedate_to_datetime

from einvoice.outbox import Outcome, State
from einvoice.receivables.incoming.port import News
from einvoice.receivables.incoming.quotes import written

MOST = 1_000_000
"""How much of a mail is read, in bytes: a report stands before what it returns."""
MOST_RECIPIENTS = 100
_STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
_RETURNED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
_ID = re.compile(r"<[!-=?-~]{1,990}>")
_TAG = re.compile(r"\+([0-9a-f]{40})@([A-Za-z0-9.-]{1,253})\Z")
_CODE = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY_CODE = re.compile(r"\b([45])\d\d\b")
_AUTOMATIC = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply-From", "X-Mail-Autoreply")
_PRECEDENCE = frozenset({"auto_reply", "bulk", "junk", "list"})
_DAEMONS = ("mailer-daemon@", "postmaster@")
_LONGEST_REASON, _LONGEST_FIELD = 500, 10_000


def read(data: bytes) -> tuple[News, ...]:
    """What a mail tells, never nothing; the same bytes tell the same. Raises nothing but what a broken mail makes the parser raise."""
    data = data[:MOST]
    mail = email.message_from_bytes(data)
    key = hashlib.sha256(data).hexdigest()
    parts = list(_parts(mail))
    if status := next((part for part in parts if part.get_content_type() in _STATUS_PARTS), None):
        return _reported(mail, parts, status, key) or (_answered(mail, parts, key),)
    return (_answered(mail, parts, key),)


def is_automatic(mail: Message) -> bool:
    """Whether a program wrote a mail by itself: out of office, received in good order, a receipt of reading."""
    stated = _field(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    if stated and stated != "no":
        return True
    if any(mail.get(name) is not None for name in _AUTOMATIC) or _field(mail, "Precedence").lower() in _PRECEDENCE:
        return True
    return mail.get_content_type() == "multipart/report" and _parameter(mail, "report-type") == "disposition-notification"


def _reported(mail: Message, parts: list[Message], status: Message, key: str) -> tuple[News, ...]:
    """The news of a delivery report, one a recipient."""
    name = _returned_id(parts) or _tagged_id(mail)
    blocks = list(_blocks(status))[: MOST_RECIPIENTS + 1]
    found = [block for block in blocks if block.get("Final-Recipient") or block.get("Action")]
    return tuple(_of_recipient(mail, block, name, f"{key}:{number}") for number, block in enumerate(found))


def _of_recipient(mail: Message, block: Message, name: str | None, key: str) -> News:
    action = _field(block, "Action").partition(" ")[0].lower()
    diagnostic = " ".join(_field(block, "Diagnostic-Code").split())
    code = _code(_field(block, "Status"), diagnostic)
    reason = f"{code} {diagnostic}".strip()[:_LONGEST_REASON]
    more = {"channel": "email", "recipients": [one for one in (_recipient(block, "Original"), _recipient(block, "Final")) if one]}
    kind, outcome = "auto", None
    if action == "failed":
        kind, outcome = "status", Outcome(State.BOUNCED, reason=reason)
    elif action == "delivered":
        kind, outcome = "status", Outcome(State.DELIVERED, proof=f"delivery report: {reason}")
    elif action == "delayed":
        kind = "delayed"
    return News(key, kind, name, outcome, _recipient(block, "Final"), f"{action} {reason}", _moment(mail), more)


def _code(status: str, diagnostic: str) -> str:
    """The status of RFC 3463; where a report lacks it, that of the diagnostic, else of the reply code's class."""
    for text in (status, diagnostic):
        if found := _CODE.search(text):
            return found[0]
    reply = _REPLY_CODE.search(diagnostic)
    return f"{reply[1]}.0.0" if reply else "5.0.0"


def _answered(mail: Message, parts: list[Message], key: str) -> News:
    """What a person wrote, or a program by itself; ids of mails that it refers to, the one it answers first."""
    sender = next((address for _, address in getaddresses([_field(mail, "From")]) if address), None)
    ids = [*_ID.findall(_field(mail, "In-Reply-To")), *reversed(_ID.findall(_field(mail, "References")))]
    from_daemon = sender is not None and sender.lower().startswith(_DAEMONS)
    if from_daemon or _parameter(mail, "report-type"):
        ids += [name for name in (_returned_id(parts), _tagged_id(mail)) if name]
    is_report = mail.get_content_type() == "multipart/report" and not _parameter(mail, "report-type").startswith("disposition")
    kind = "auto" if is_automatic(mail) and not from_daemon and not is_report else "reply"
    text = written(parts)
    subject = _field(mail, "Subject")
    names = list(dict.fromkeys(ids))[:20]
    more = {"channel": "email", "ids": names, "subject": subject[:200]}
    if kind == "reply" and (from_daemon or is_report):
        more["by"] = "program"
    return News(key, kind, names[0] if names else None, None, sender, text or subject, _moment(mail), more)


def _parts(mail: Message) -> Iterator[Message]:
    """The parts of a mail, those of returned mails left out."""
    waiting = [mail]
    while waiting:
        part = waiting.pop()
        yield part
        held = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(held, list):
            waiting.extend(one for one in reversed(held) if isinstance(one, Message))


def _returned_id(parts: Iterable[Message]) -> str | None:
    """The Message-ID of the mail that a report returns, or whose headers it returns."""
    for part in parts:
        if part.get_content_type() not in _RETURNED:
            continue
        held = part.get_payload()
        head = held[0] if isinstance(held, list) and held and isinstance(held[0], Message) else HeaderParser().parsestr(_text(part))
        if found := _ID.search(_field(head, "Message-ID")):
            return found[0]
    return None


def _tagged_id(mail: Message) -> str | None:
    """The Message-ID that the address says, where the report came to NAME+TAG@…; its domain is the sender's."""
    fields = [str(value)[:_LONGEST_FIELD] for name in ("To", "Delivered-To", "X-Original-To") for value in mail.get_all(name, [])[:5]]
    for _, address in getaddresses(fields):
        if found := _TAG.search(address):
            return f"<{found[1]}@{found[2].lower()}>"
    return None


def _blocks(status: Message) -> Iterator[Message]:
    """The blocks of fields in a delivery status, the message's first."""
    held = status.get_payload()
    texts = [part.as_string() for part in held if isinstance(part, Message)] if isinstance(held, list) else [_text(status)]
    for text in re.split(r"\n[ \t]*\n", "\n\n".join(texts).replace("\r\n", "\n")):
        if text.strip():
            yield HeaderParser().parsestr(text.strip("\n"))


def _text(part: Message) -> str:
    held = part.get_payload(decode=True)
    return held.decode("utf-8", "replace") if isinstance(held, bytes) else ""


def _recipient(block: Message, which: str) -> str | None:
    """An address in a block, its type (rfc822; …) left out."""
    stated = _field(block, f"{which}-Recipient")
    return stated.rpartition(";")[2].strip().strip("<>") or None


def _field(mail: Message, name: str) -> str:
    """A field's text, its encoded words read; empty where it is absent."""
    value = mail.get(name)
    if value is None:
        return ""
    text = str(value)[:_LONGEST_FIELD]
    try:
        return str(make_header(decode_header(text))).strip()
    except (ValueError, LookupError):
        return text.encode("utf-8", "replace").decode().strip()


def _parameter(mail: Message, name: str) -> str:
    try:
        return str(mail.get_param(name) or "").lower()
    except (ValueError, LookupError):
        return ""


def _moment(mail: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(_field(mail, "Date"))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None
