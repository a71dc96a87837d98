"""What texts and addresses are made of, read for many actions at once: creditor, debtors, contacts, invoices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.actions import Action
from einvoice.receivables.channels.mime import usable
from einvoice.receivables.documents.plain import Debt, Facts, postal
from einvoice.receivables.store.tables import CONTACTS, CREDITORS, DEBTORS, INVOICES

_BOUNCED = {"email": "email_bounced_on", "letter": "address_failed_on", "registered_letter": "address_failed_on"}
_PHONES = frozenset({"sms", "whatsapp", "call", "computer_call"})


class Loaded(NamedTuple):
    """What was read, by id; contacts also by debtor, in their order."""

    creditor: Mapping[str, Any]
    debtors: Mapping[int, Row[Any]]
    contacts: Mapping[int, Row[Any]]
    of_debtor: Mapping[int, Sequence[Row[Any]]]
    invoices: Mapping[int, Row[Any]]
    portal: str | None = None


def load(connection: Connection, creditor: int, actions: Collection[Action], portal: str | None = None) -> Loaded:
    """Everything that the texts of these actions need: four queries, however many they are."""
    debtors = {action.debtor for action in actions}
    contacts = connection.execute(select(CONTACTS).where(CONTACTS.c.debtor_id.in_(debtors)).order_by(CONTACTS.c.id)).all()
    of_debtor: dict[int, list[Row[Any]]] = defaultdict(list)
    for contact in contacts:
        of_debtor[contact.debtor_id].append(contact)
    return Loaded(
        creditor=connection.execute(select(CREDITORS).where(CREDITORS.c.id == creditor)).one()._asdict(),
        debtors=_by_id(connection, DEBTORS, debtors),
        contacts={contact.id: contact for contact in contacts},
        of_debtor=of_debtor,
        invoices=_by_id(connection, INVOICES, {claimed.invoice for action in actions for claimed in action.invoices}),
        portal=portal,
    )


def _by_id(connection: Connection, table: Table, ids: Iterable[int]) -> dict[int, Row[Any]]:
    return {row.id: row for row in connection.execute(select(table).where(table.c.id.in_(list(ids)))).all()}


def facts(found: Loaded, action: Action, contact: Row[Any] | None) -> Facts:
    """What a text to a contact is made of.

    Raises ReceivablesError where the store no longer has what the action is about.
    """
    try:
        debtor = found.debtors[action.debtor]
        debts = tuple(_debt(found.invoices[claimed.invoice], claimed.amount, claimed.charges) for claimed in action.invoices)
    except KeyError as fault:
        raise ReceivablesError(f"the action is about a row {fault} that is no longer there") from None
    name = (contact.first_name or contact.name if contact is not None else None) or debtor.name
    return Facts(action, found.creditor, debtor.name, name, debts, found.portal)


def _debt(row: Row[Any], amount: Any, charges: Any) -> Debt:
    return Debt(row.number, row.issued, row.due, amount, charges, row.reference, row.product or row.category)


def reached(found: Loaded, debtor: int, contact: int | None, role: str, channel: str) -> Row[Any] | None:
    """Who is reached by a channel: the contact that was chosen, else one of its role, else the general one, else the first."""
    able = [row for row in found.of_debtor.get(debtor, ()) if address(found, row, channel)]
    return min(able, key=lambda row: (row.id != contact, row.role != role, row.role != "general", row.id), default=None)


def address(found: Loaded, contact: Row[Any], channel: str) -> str | None:
    """Where a contact is reached by a channel; None where it is not, or where it came back from there."""
    if getattr(contact, _BOUNCED.get(channel, "phone_failed_on")) is not None and channel != "peppol":
        return None
    if channel == "email":
        return _mailbox(contact.email)
    if channel in _PHONES:
        return contact.phone or None
    if channel == "peppol":
        return contact.peppol or None
    lines = postal(contact.address)
    return (
        "\n".join(dict.fromkeys([found.debtors[contact.debtor_id].name, *([contact.name] if contact.name else []), *lines]))
        if lines
        else None
    )


def _mailbox(written: str | None) -> str | None:
    try:
        return usable(written) if written else None
    except ReceivablesError:
        return None
