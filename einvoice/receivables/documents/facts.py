"""What texts and addresses are made of, read for many actions at once: creditor, debtors, contacts, invoices, agreements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.actions import Action
from einvoice.receivables.channels.mime import usable
from einvoice.receivables.documents import agreements as agreed
from einvoice.receivables.documents.agreements import Agreement
from einvoice.receivables.documents.codes import token
from einvoice.receivables.documents.parties import Debt, Facts, Missing, Party, postal
from einvoice.receivables.documents.templates import Templates
from einvoice.receivables.documents.words import spoken
from einvoice.receivables.paying import links
from einvoice.receivables.store.tables import CONTACTS, CREDITORS, DEBTORS, INVOICES

__all__ = ["Debt", "Facts", "Loaded", "Missing", "Party", "address", "facts", "load", "party", "pay_token", "reached"]

_BOUNCED = {"email": "email_bounced_on", "letter": "address_failed_on", "registered_letter": "address_failed_on"}
_PHONES = frozenset({"sms", "whatsapp", "call", "computer_call"})


class Loaded(NamedTuple):
    """What was read, by id; contacts also by debtor, in their order.

    `portal` is the portal's address, `pages` that of our own pages ([hooks] url), where links to pay lead.
    """

    creditor: Mapping[str, Any]
    debtors: Mapping[int, Row[Any]]
    contacts: Mapping[int, Row[Any]]
    of_debtor: Mapping[int, Sequence[Row[Any]]]
    invoices: Mapping[int, Row[Any]]
    portal: str | None = None
    agreements: Mapping[int, tuple[Agreement, ...]] = {}
    pages: str | None = None
    templates: Templates | None = None


def load(
    connection: Connection,
    creditor: int,
    actions: Collection[Action],
    portal: str | None = None,
    pages: str | None = None,
    templates: Templates | None = None,
) -> Loaded:
    """Everything that the texts of these actions need: eight queries, however many they are."""
    debtors = {action.debtor for action in actions}
    invoices = {claimed.invoice for action in actions for claimed in action.invoices}
    return _loaded(connection, creditor, debtors, invoices)._replace(
        portal=portal, pages=pages, templates=templates, agreements=agreed.load(connection, debtors)
    )


def _loaded(connection: Connection, creditor: int, debtors: Collection[int], invoices: Collection[int]) -> Loaded:
    contacts = connection.execute(select(CONTACTS).where(CONTACTS.c.debtor_id.in_(debtors)).order_by(CONTACTS.c.id)).all()
    of_debtor: dict[int, list[Row[Any]]] = defaultdict(list)
    for contact in contacts:
        of_debtor[contact.debtor_id].append(contact)
    return Loaded(
        creditor=connection.execute(select(CREDITORS).where(CREDITORS.c.id == creditor)).one()._asdict(),
        debtors=_by_id(connection, DEBTORS, debtors),
        contacts={contact.id: contact for contact in contacts},
        of_debtor=of_debtor,
        invoices=_by_id(connection, INVOICES, invoices),
    )


def _by_id(connection: Connection, table: Table, ids: Iterable[int]) -> dict[int, Row[Any]]:
    return {row.id: row for row in connection.execute(select(table).where(table.c.id.in_(list(ids)))).all()}


def facts(found: Loaded, action: Action, contact: Row[Any] | None, key: str = "") -> Facts:
    """What a text to a contact is made of; `key` is the action's in the store, from which its link to pay follows.

    Raises ReceivablesError where the store no longer has what the action is about.
    """
    try:
        debtor = found.debtors[action.debtor]
        debts = tuple(_debt(found.invoices[claimed.invoice], claimed.amount, claimed.charges) for claimed in action.invoices)
    except KeyError as fault:
        raise ReceivablesError(f"the action is about a row {fault} that is no longer there") from None
    return Facts(
        action,
        found.creditor,
        debtor.name,
        (contact.name if contact is not None else None) or debtor.name,
        debts,
        found.portal,
        contact.first_name if contact is not None else None,
        found.agreements.get(action.debtor, ()),
        links.url(found.pages, pay_token(found, key)) if found.pages and key else None,
        found.templates,
    )


def pay_token(found: Loaded, key: str) -> str:
    """The token of the link to pay of an action; whoever writes the link (`paying.links.row`) takes the same."""
    return token(str(found.creditor["secret"]), key)


def party(
    connection: Connection, creditor: int, debtor: int, role: str = "general", channel: str = "email", portal: str | None = None
) -> tuple[Party, Loaded, Row[Any] | None]:
    """What a document that is no action's is made of, for a debtor; what was read, and the contact that is reached by a channel.

    Raises ReceivablesError where there is no such debtor.
    """
    found = _loaded(connection, creditor, [debtor], [])
    owes = found.debtors.get(debtor)
    if owes is None or owes.creditor_id != creditor:
        raise ReceivablesError(f"there is no debtor {debtor} of this creditor; `einvoice receivables ageing` lists those there are")
    contact = reached(found, debtor, None, role, channel)
    language = spoken((contact.language if contact is not None else None) or owes.language or found.creditor["language"])
    name = (contact.name if contact is not None else None) or owes.name
    first = contact.first_name if contact is not None else None
    return Party(found.creditor, owes.name, name, language, str(found.creditor["currency"]), first, portal), found, contact


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
