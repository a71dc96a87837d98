"""What was sent to a debtor about its invoices, byte for byte, how it fared, and what came back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, or_, select

from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.documents.words import day
from einvoice.receivables.handover.brief import Brief, File
from einvoice.receivables.handover.texts import headed, json_file, text_file
from einvoice.receivables.handover.words import say, title
from einvoice.receivables.papers import sha256
from einvoice.receivables.store.tables import ACTIONS, INCOMING, MESSAGES, TAKEN, TASKS

LEFT = ("sent", "delivered", "bounced", "unknown", "failed")
"""The states of messages that were tried: planned and withdrawn ones were never sent."""
_ENDINGS: Mapping[str, str] = {
    "message/rfc822": "eml",
    "application/pdf": "pdf",
    "text/plain": "txt",
    "application/json": "json",
    "application/xml": "xml",
}


class Sent(NamedTuple):
    """A message that was tried: its row with that of the outbox, and the path of its bytes in the dossier (None: no longer kept)."""

    number: int
    row: Row[Any]
    path: str | None


def sent(brief: Brief) -> tuple[Sent, ...]:
    """Every message that went out about one of the invoices, in the order of sending."""
    about = select(TAKEN.c.action_id).where(TAKEN.c.invoice_id.in_(sorted(brief.ids)))
    out = ("key", "address", "headers", "payload", "provider", "proof", "reason", "sent_at", "redirected")
    columns = (*(OUTBOX.c[name] for name in out), ACTIONS.c.day, ACTIONS.c.flow, ACTIONS.c.step, ACTIONS.c.notice, ACTIONS.c.counted_on)
    query = (
        select(MESSAGES, *columns)
        .join_from(MESSAGES, ACTIONS, ACTIONS.c.id == MESSAGES.c.action_id)
        .outerjoin(OUTBOX, OUTBOX.c.id == MESSAGES.c.outbox_id)
        .where(MESSAGES.c.debtor_id == brief.debtor.id, MESSAGES.c.action_id.in_(about), MESSAGES.c.state.in_(LEFT))
        .order_by(MESSAGES.c.sent_on, MESSAGES.c.id)
    )
    rows = brief.connection.execute(query).all()
    return tuple(Sent(number, row, _path(number, row)) for number, row in enumerate(rows, 1))


def _path(number: int, row: Row[Any]) -> str | None:
    if not row.payload:
        return None
    ending = _ENDINGS.get(str((row.headers or {}).get("type", "")).partition(";")[0].strip(), "bin")
    return f"correspondence/{number:03}-{row.sent_on or row.day}-{row.channel}.{ending}"


def correspondence(brief: Brief, messages: Sequence[Sent]) -> Iterator[File]:
    """Each message as it was sent, and the list of them."""
    for one in messages:
        if one.path is None:
            brief.missing.append(say(brief.language, "missing_bytes", number=str(one.number)))
        else:
            kind = str((one.row.headers or {}).get("type") or "application/octet-stream")
            yield File(one.path, bytes(one.row.payload), kind, "correspondence")
    yield json_file("correspondence/index.json", [_listed(one) for one in messages], "correspondence")


def received(brief: Brief) -> Iterator[File]:
    """What the debtor answered, as it was heard."""
    kinds = ("reply", "pressed")
    query = select(INCOMING).where(INCOMING.c.debtor_id == brief.debtor.id, INCOMING.c.kind.in_(kinds)).order_by(INCOMING.c.id)
    for number, row in enumerate(brief.connection.execute(query).all(), 1):
        what = {"source": row.source, "kind": row.kind, "received": row.received_at, "news": json.loads(row.body), "result": row.result}
        yield json_file(f"received/{number:03}-{row.received_at:%Y-%m-%d}-{row.kind}.json", what, "received")


def proofs(brief: Brief, messages: Sequence[Sent]) -> Iterator[File]:
    """How each message fared, with the provider's word, and the calls that were made; for programs and for people."""
    calls = _calls(brief)
    yield json_file(
        "proofs/deliveries.json", {"messages": [_listed(one) for one in messages], "calls": [_call(row) for row in calls]}, "proofs"
    )
    lines: list[str] = []
    for one in messages:
        lines += [f"{one.number:03}  {one.row.channel}  {' / '.join(str(one.row.address or '').splitlines())}", *_fared(brief, one.row), ""]
    for row in calls:
        lines += [f"{row.done_on}  {say(brief.language, 'call', result=str(row.result))}", ""]
    yield text_file("proofs/deliveries.txt", headed(title(brief.language, "proofs"), lines or [say(brief.language, "none")]), "proofs")


def _fared(brief: Brief, row: Row[Any]) -> Iterator[str]:
    language = brief.language
    title_of = (row.headers or {}).get("title")
    if title_of:
        yield f"     {title_of}"
    for name, on in (("sent", row.sent_on), ("delivered", row.delivered_on), ("bounced", row.bounced_on)):
        if on is not None:
            yield f"     {say(language, name, on=day(on, language))}"
    if row.provider:
        yield f"     {say(language, 'provider', id=row.provider)}"
    if row.proof:
        yield f"     {say(language, 'proof', proof=row.proof)}"
    if row.reason:
        yield f"     {row.reason}"
    if row.counted_on is not None and row.bounced_on is None and row.delivered_on is not None:
        yield f"     {say(language, 'counted')}"


def _listed(one: Sent) -> dict[str, Any]:
    row = one.row
    headers = row.headers or {}
    return {
        "number": one.number,
        "file": one.path,
        "sha256": sha256(bytes(row.payload)) if row.payload else None,
        "document": row.document,
        "channel": row.channel,
        "address": row.address,
        "title": headers.get("title"),
        "language": headers.get("language"),
        "code": row.code,
        "action": row.action_id,
        "step": f"{row.flow}.{row.step}",
        "notice": row.notice,
        "state": row.state,
        "sent_at": row.sent_at,
        "sent_on": row.sent_on,
        "delivered_on": row.delivered_on,
        "bounced_on": row.bounced_on,
        "counted_on": row.counted_on,
        "provider": row.provider,
        "proof": row.proof,
        "reason": row.reason,
        "redirected": row.redirected,
        "template": row.template,
    }


def _calls(brief: Brief) -> Sequence[Row[Any]]:
    """Calls about the invoices that were made."""
    about = select(TAKEN.c.action_id).where(TAKEN.c.invoice_id.in_(sorted(brief.ids)))
    mine = (TASKS.c.debtor_id == brief.debtor.id, TASKS.c.kind == "call", TASKS.c.done_on.is_not(None))
    made = select(TASKS).where(
        *mine, or_(TASKS.c.action_id.is_(None), TASKS.c.action_id.in_(about)), TASKS.c.result.not_in(("paid", "withdrawn"))
    )
    return brief.connection.execute(made.order_by(TASKS.c.done_on, TASKS.c.id)).all()


def _call(row: Row[Any]) -> dict[str, Any]:
    return {"task": row.id, "action": row.action_id, "asked_on": row.created_on, "made_on": row.done_on, "result": row.result}
