"""Who owes and is owed: creditors, debtors and the debtor above them, contacts by role, consents, the creditor's people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.ledger import values
from einvoice.receivables.store.tables import CONSENTS, CONTACTS, CREDITORS, DEBTORS, PEOPLE

_READS: Mapping[str, Callable[[str], Any]] = {
    "country": values.country,
    "currency": values.currency,
    "language": values.language,
    "time_zone": values.time_zone,
    "size": values.size,
    "email": values.e_mail,
    "iban": values.iban,
}
_BOUNCES = {"email": "email_bounced_on", "phone": "phone_failed_on", "address": "address_failed_on"}
_NOT_SET = frozenset("id creditor_id debtor_id posted first_posted settled settled_late days_late forgotten_on".split())


def save_creditor(connection: Connection, key: str, **given: Any) -> int:
    """Adds a creditor, or changes what is given of the one with this key; its id.

    Raises ReceivablesError for a column that creditors do not have and a value that it cannot have.
    """
    return _save(connection, CREDITORS, {"key": key}, given)


def save_debtor(connection: Connection, creditor: int, key: str, **given: Any) -> int:
    """Adds a debtor of a creditor, or changes what is given of the one with this key; its id.

    `kind` is b2b, b2c or public; `parent_id` the debtor above it. Raises ReceivablesError as `save_creditor`, and for a parent that is
    another creditor's or stands below the debtor itself.
    """
    if (kind := given.get("kind")) is not None:
        given["kind"] = _read("kind", kind, values.kind)
    ref = _save(connection, DEBTORS, {"creditor_id": creditor, "key": key}, given)
    if given.get("parent_id") is not None:
        _stands_above(connection, ref, given["parent_id"])
    return ref


def save_contact(connection: Connection, debtor: int, role: str = "general", **given: Any) -> int:
    """Adds a contact of a debtor, or changes the one of this role and name (without a name: of this role); its id.

    Another e-mail address, telephone number or address is tried again, whatever became of the one before. `address` has the keys
    street, street2, postcode, city and country.
    """
    which = {"debtor_id": debtor, "role": role}
    if given.get("name") is not None:
        which["name"] = given["name"]
    row = connection.execute(select(CONTACTS).where(*(CONTACTS.c[name] == value for name, value in which.items())).limit(1)).one_or_none()
    changes = checked(CONTACTS, given)
    if row is None:
        return int(connection.execute(CONTACTS.insert().values(which | changes).returning(CONTACTS.c.id)).scalar_one())
    changes |= {bounced: None for name, bounced in _BOUNCES.items() if name in changes and changes[name] != getattr(row, name)}
    if changes:
        connection.execute(CONTACTS.update().where(CONTACTS.c.id == row.id).values(changes))
    return int(row.id)


def consent(connection: Connection, debtor: int, channel: str, granted: bool, at: datetime, source: str) -> bool:
    """Notes that a debtor granted or withdrew consent to a channel, and where; whether that is news.

    What was said before stays: the latest word holds.
    """
    if consents(connection, debtor).get(channel) is granted:
        return False
    row = {"debtor_id": debtor, "channel": channel, "granted": granted, "at": at, "source": source}
    connection.execute(CONSENTS.insert().values(row))
    return True


def consents(connection: Connection, debtor: int) -> dict[str, bool]:
    """The latest word of a debtor on each channel that it spoke of."""
    latest = select(func.max(CONSENTS.c.id)).where(CONSENTS.c.debtor_id == debtor).group_by(CONSENTS.c.channel)
    rows = connection.execute(select(CONSENTS.c.channel, CONSENTS.c.granted).where(CONSENTS.c.id.in_(latest)))
    return {row.channel: row.granted for row in rows}


def save_person(connection: Connection, creditor: int, key: str, **given: Any) -> int:
    """Adds a person on the creditor's side, or changes what is given of the one with this key; its id.

    `deputy_id` acts in their absence, `away_from` to `away_until`. Raises ReceivablesError for who would be their own deputy.
    """
    ref = _save(connection, PEOPLE, {"creditor_id": creditor, "key": key}, given)
    if given.get("deputy_id") == ref:
        raise ReceivablesError(f"{key} cannot be their own deputy; name somebody else")
    return ref


def acting(connection: Connection, person: int, day: date) -> int:
    """Who acts for a person on a day: that person, or while inactive or away the first deputy who is there.

    Raises ReceivablesError where nobody is.
    """
    seen: list[int] = []
    at: int | None = person
    while at is not None and at not in seen:
        seen.append(at)
        row = connection.execute(select(PEOPLE).where(PEOPLE.c.id == at)).one()
        away = row.away_from is not None and row.away_from <= day and (row.away_until is None or day <= row.away_until)
        if row.active and not away:
            return at
        at = row.deputy_id
    raise ReceivablesError(f"neither person {person} nor a deputy is there on {day}; name a deputy who is")


def children(connection: Connection, debtor: int) -> list[int]:
    """The debtors below a debtor, at any depth, by id."""
    below = select(DEBTORS.c.id).where(DEBTORS.c.parent_id == debtor).cte("below", recursive=True)
    below = below.union(select(DEBTORS.c.id).join(below, DEBTORS.c.parent_id == below.c.id))
    return list(connection.execute(select(below.c.id).order_by(below.c.id)).scalars())


def checked(table: Table, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given of a party, each value as it may be.

    Raises ReceivablesError for a name that is no column of it, and a value that it cannot have.
    """
    for name in given:
        if name not in table.c or name in _NOT_SET:
            raise ReceivablesError(
                f"{table.name} have no {name} to set; they have {', '.join(c.name for c in table.c if c.name not in _NOT_SET)}"
            )
    return {name: _read(name, value, _READS[name]) if name in _READS and value is not None else value for name, value in given.items()}


def _read(name: str, value: Any, read: Callable[[str], Any]) -> Any:
    try:
        return read(str(value))
    except ValueError as fault:
        raise ReceivablesError(f"{name}: {fault}") from None


def _save(connection: Connection, table: Table, which: Mapping[str, Any], given: Mapping[str, Any]) -> int:
    changes = checked(table, given)
    where = [table.c[name] == value for name, value in which.items()]
    ref: int | None = connection.execute(select(table.c.id).where(*where)).scalar_one_or_none()
    if ref is None:
        missing = [
            c.name for c in table.c if not (c.nullable or c.default or c.primary_key) and c.name not in which and c.name not in changes
        ]
        if missing:
            raise ReceivablesError(f"{which['key']} is new; give it {' and '.join(missing)} too")
        return int(connection.execute(table.insert().values({**which, **changes}).returning(table.c.id)).scalar_one())
    if changes:
        connection.execute(table.update().where(table.c.id == ref).values(changes))
    return ref


def _stands_above(connection: Connection, debtor: int, parent: int) -> None:
    """Refuses a parent of another creditor, and a circle.

    Raises ReceivablesError.
    """
    creditors = connection.execute(select(DEBTORS.c.creditor_id).where(DEBTORS.c.id.in_((debtor, parent)))).scalars().all()
    if len(set(creditors)) > 1 or parent == debtor or parent in children(connection, debtor):
        raise ReceivablesError(
            f"debtor {parent} cannot stand above debtor {debtor}: it is another creditor's, or stands below; name another"
        )
