"""Who wrote: the debtor of the message that is answered, else whoever is reached at that number or address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.incoming.port import News
from einvoice.receivables.store.tables import CONTACTS, DEBTORS, MESSAGES

_FIGURES = 8  # the last figures of a number, by which contacts are looked up
_SIGNS = " -().+/"


class Writer(NamedTuple):
    """A debtor who wrote; `action` is the one whose message is answered, None where only the number or address is known."""

    debtor: int
    action: str | None = None


def writers(connection: Connection, news: News) -> tuple[Writer, ...]:
    """The debtors that an answer may be of, the likeliest first; none where nobody is known by it.

    An answer that names our message is its debtor's. Else all who are reached at the number or address it came from, whoever was
    written to last before the others.
    """
    if answered := _answered(connection, news):
        return (answered,)
    if not news.sender:
        return ()
    channel = str(news.more.get("channel", "email"))
    found = _by_address(connection, news.sender) if channel == "email" else _by_number(connection, news.sender)
    last = select(MESSAGES.c.debtor_id, func.max(MESSAGES.c.id)).where(MESSAGES.c.debtor_id.in_(found), MESSAGES.c.channel == channel)
    written = {row[0]: row[1] for row in connection.execute(last.group_by(MESSAGES.c.debtor_id))}
    return tuple(Writer(one) for one in sorted(found, key=lambda one: (-written.get(one, 0), one)))


def _answered(connection: Connection, news: News) -> Writer | None:
    """The debtor whose message is answered, by our key or the provider's ids of it."""
    key, ids = news.more.get("effect"), [news.provider, *news.more.get("ids", ())]
    named = OUTBOX.c.key == key if key else OUTBOX.c.provider.in_([one for one in ids if one])
    rows: Sequence[Any] = connection.execute(
        select(MESSAGES.c.debtor_id, MESSAGES.c.action_id, OUTBOX.c.provider)
        .join_from(OUTBOX, MESSAGES, MESSAGES.c.outbox_id == OUTBOX.c.id)
        .where(named)
        .order_by(MESSAGES.c.id)
    ).all()
    if not rows:
        return None
    best = min(rows, key=lambda row: ids.index(row.provider) if row.provider in ids else len(ids))
    return Writer(best.debtor_id, best.action_id)


def _by_address(connection: Connection, sender: str) -> list[int]:
    """The debtors with a contact at an e-mail address."""
    same = func.lower(CONTACTS.c.email) == sender.lower()
    return list(connection.scalars(_contacts().where(same).distinct()))


def _by_number(connection: Connection, sender: str) -> list[int]:
    """The debtors with a contact at a telephone number, however it is written."""
    tail = figures(sender)[-_FIGURES:]
    if len(tail) < _FIGURES:
        return []
    plain: Any = CONTACTS.c.phone
    for sign in _SIGNS:
        plain = func.replace(plain, sign, "")
    rows = connection.execute(_contacts().add_columns(CONTACTS.c.phone).where(plain.endswith(tail, autoescape=True))).all()
    return list(dict.fromkeys(row.debtor_id for row in rows if is_same(row.phone, sender)))


def _contacts() -> Any:
    return (
        select(CONTACTS.c.debtor_id)
        .join(DEBTORS, DEBTORS.c.id == CONTACTS.c.debtor_id)
        .where(DEBTORS.c.forgotten_on.is_(None))
        .order_by(CONTACTS.c.debtor_id)
    )


def is_same(one: str, other: str) -> bool:
    """Whether two numbers are one, where one may lack the country: +31 (0)6 12 34 56 78 is 06-12345678."""
    first, second = sorted((figures(one), figures(other)), key=len)
    return len(first) >= _FIGURES and second.endswith(first)


def figures(number: str) -> str:
    """The figures of a number from its country on, where it says one, else without the 0 before its area."""
    plain = re.sub(r"\D", "", number.replace("(0)", ""))
    return plain.lstrip("0")
