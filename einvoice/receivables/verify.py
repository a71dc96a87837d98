"""Is a message really from us? What a check code stands for: when it was sent, by whom, about what, to which account it asks to pay.

Whoever writes falsely in our name has no code of ours, or one that stands for another amount or account.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.outbox import State
from einvoice.outbox.publishing import OWNER as EVENTS
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.documents import codes
from einvoice.receivables.documents.messages import OWNER
from einvoice.receivables.store.bodies import action_from_json
from einvoice.receivables.store.tables import ACTIONS, CREDITORS, MESSAGES

OUT = frozenset({State.SENT, State.DELIVERED, State.BOUNCED, State.UNKNOWN})
"""States in which the message is on its way or has arrived, or may be."""


class Mistyped(ReceivablesError):
    """What was written can be no check code: a sign too many or too few, or one that is wrong."""


class Verified(NamedTuple):
    """What a code stands for.

    `sent_at` is None where the message never left (`state` says what became of it); `invoices` how many it is about, None where it is
    about none in particular; `amount` what it asks for, to the account `iban`; `sha256` is of the bytes that were sent.
    """

    code: str
    creditor: str
    channel: str
    document: str
    title: str
    state: str
    sent_at: datetime | None
    invoices: int | None
    amount: Decimal | None
    currency: str | None
    iban: str | None
    sha256: str

    @property
    def left(self) -> bool:
        """Whether the message left this installation."""
        return State(self.state) in OUT and self.sent_at is not None


_WHOLE = (
    OUTBOX.c.channel,
    OUTBOX.c.state.label("effect_state"),
    OUTBOX.c.headers,
    OUTBOX.c.payload,
    OUTBOX.c.sent_at,
    OUTBOX.c.settled_at,
)


def verify(connection: Connection, code: str) -> Verified | None:
    """What a check code stands for, as it was read or heard (spaces, dashes and small letters do not matter); None: no message has it.

    Raises Mistyped where it can be no code, so that whoever mistypes is not told that a message is false.
    """
    tidy = codes.tidy(code)
    if tidy is None:
        raise Mistyped(f"{_shown(code)} is no check code: it has 13 letters and digits, such as 7T4K-9D2P-0MQX-C; read it again")
    return _message(connection, tidy) or _other(connection, tidy)


def _shown(code: str) -> str:
    return repr(code if len(code) <= 40 else f"{code[:40]}…")


def _message(connection: Connection, code: str) -> Verified | None:
    """A message of an action."""
    row = connection.execute(
        select(MESSAGES.c.document, ACTIONS.c.body, CREDITORS.c.name.label("creditor"), CREDITORS.c.iban, *_WHOLE)
        .join_from(MESSAGES, ACTIONS, ACTIONS.c.id == MESSAGES.c.action_id)
        .join(CREDITORS, CREDITORS.c.id == ACTIONS.c.creditor_id)
        .join(OUTBOX, OUTBOX.c.id == MESSAGES.c.outbox_id)
        .where(MESSAGES.c.code == code)
    ).one_or_none()
    if row is None:
        return None
    action = action_from_json(row.body)
    made = _read(code, row, row.creditor, row.document)
    amount = made.amount if made.amount is not None else action.amount
    return made._replace(invoices=len(action.invoices), amount=amount, currency=action.currency, iban=made.iban or row.iban)


def _other(connection: Connection, code: str) -> Verified | None:
    """A document that is no action's: a statement, a pre-notification. They are few."""
    found = select(OUTBOX.c.owner, OUTBOX.c.subject, *_WHOLE).where(OUTBOX.c.owner.not_in([OWNER, EVENTS]))
    row = connection.execute(found.where(OUTBOX.c.headers["code"].as_string() == code).limit(1)).one_or_none()
    if row is None:
        return None
    return _read(code, row, str(row.headers.get("creditor") or _only(connection)), hashlib.sha256(row.payload).hexdigest())


def _only(connection: Connection) -> str:
    """The creditor's name where there is one."""
    names = list(connection.scalars(select(CREDITORS.c.name).limit(2)))
    return names[0] if len(names) == 1 else ""


def _read(code: str, row: Any, creditor: str, digest: str) -> Verified:
    headers: Mapping[str, Any] = row.headers
    amount = headers.get("amount")
    return Verified(
        code,
        creditor,
        row.channel,
        str(headers.get("document") or ""),
        str(headers.get("title") or ""),
        row.effect_state,
        row.sent_at or (row.settled_at if State(row.effect_state) in OUT else None),
        None,
        Decimal(amount) if amount else None,
        headers.get("currency"),
        headers.get("iban"),
        digest,
    )
