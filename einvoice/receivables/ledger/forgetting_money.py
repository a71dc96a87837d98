"""Forgetting how a debtor paid: links, mandates, lines of the bank, and its part of files that name many debtors."""

from __future__ import annotations

from datetime import date
from typing import Any

from lxml import etree
from sqlalchemy import Connection, Table, Text, and_, cast, delete, or_, select, union_all

from einvoice.receivables.ledger.personal import GONE, PERSONAL
from einvoice.receivables.store.tables import BANK_LINES, CHECKOUTS, COLLECTIONS, MANDATES, PAPERS, PAY_LINKS, PAYMENTS

DEBITS = "debit"
"""The kind of paper that a file of direct debits is (`paying.pain008`)."""


def replace(connection: Connection, debtor: int, day: date) -> None:
    """Replaces what says who paid and from which account; amounts, days, references of ours and states stay.

    A mandate that is still active ends on `day`. Lines of the bank are those of the debtor's payments, and those without a payment from
    an account that nobody else uses; where the debtor was only proposed for another's line, the proposal goes.
    """
    own = _accounts(connection, debtor)
    tokens = select(PAY_LINKS.c.token).where(PAY_LINKS.c.debtor_id == debtor)
    _replace(connection, CHECKOUTS, CHECKOUTS.c.token.in_(tokens))
    _replace(connection, PAY_LINKS, PAY_LINKS.c.debtor_id == debtor)
    active = MANDATES.update().where(MANDATES.c.debtor_id == debtor, MANDATES.c.state == "active")
    connection.execute(active.values(state="cancelled", closed_on=day))
    _replace(connection, MANDATES, MANDATES.c.debtor_id == debtor)
    _replace(connection, BANK_LINES, BANK_LINES.c.payment_id.in_(select(PAYMENTS.c.id).where(PAYMENTS.c.debtor_id == debtor)))
    _replace(connection, BANK_LINES, and_(BANK_LINES.c.payment_id.is_(None), BANK_LINES.c.iban.in_(own)))
    _withdraw_proposals(connection, debtor)
    _redact_debits(connection, debtor)


def _accounts(connection: Connection, debtor: int) -> list[str]:
    """The accounts that the debtor pays from, and no other debtor."""
    uses = union_all(
        *(select(table.c.iban, table.c.debtor_id).where(table.c.iban.is_not(None)) for table in (PAYMENTS, MANDATES))
    ).subquery()
    mine = select(uses.c.iban).where(uses.c.debtor_id == debtor)
    others = select(uses.c.iban).where(uses.c.debtor_id.is_distinct_from(debtor))
    return list(connection.scalars(select(uses.c.iban).distinct().where(uses.c.iban.in_(mine), uses.c.iban.not_in(others))))


def _replace(connection: Connection, table: Table, where: Any) -> None:
    connection.execute(table.update().where(where).values(PERSONAL[table.name]))


def _withdraw_proposals(connection: Connection, debtor: int) -> None:
    said = cast(BANK_LINES.c.proposals, Text)
    named = or_(*(said.contains(f'"debtor":{space}{debtor}', autoescape=True) for space in ("", " ")))
    for row in connection.execute(select(BANK_LINES.c.id, BANK_LINES.c.proposals).where(named)).all():
        left = [one for one in row.proposals if one.get("debtor") != debtor]
        connection.execute(BANK_LINES.update().where(BANK_LINES.c.id == row.id).values(proposals=left))


def _redact_debits(connection: Connection, debtor: int) -> None:
    """Takes the debtor out of the files of direct debits that we keep; a file in which nobody else stands any more is removed.

    The hash stays that of the file which the bank was handed.
    """
    mine = set(connection.scalars(select(COLLECTIONS.c.end_to_end).where(COLLECTIONS.c.debtor_id == debtor)))
    batches = select(COLLECTIONS.c.batch).where(COLLECTIONS.c.debtor_id == debtor, COLLECTIONS.c.batch.is_not(None)).distinct()
    names = [f"{batch}.xml" for batch in connection.scalars(batches)]
    kept = select(PAPERS.c.id, PAPERS.c.data).where(PAPERS.c.kind == DEBITS, PAPERS.c.name.in_(names))
    for row in connection.execute(kept).all():
        data = redacted(row.data, mine)
        if data is None:
            connection.execute(delete(PAPERS).where(PAPERS.c.id == row.id))
        else:
            connection.execute(PAPERS.update().where(PAPERS.c.id == row.id).values(data=data))


def redacted(data: bytes, mine: set[str]) -> bytes | None:
    """A pain.008 without name, address, account and text of the transactions with these end-to-end ids; None where no other one is left."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    left = 0
    for one in root.iter("{*}DrctDbtTxInf"):
        if one.findtext("{*}PmtId/{*}EndToEndId") not in mine:
            left += one.findtext("{*}Dbtr/{*}Nm") != GONE
            continue
        for name in ("Dbtr", "DbtrAcct", "DbtrAgt", "UltmtDbtr", "RmtInf"):
            for element in one.findall(f"{{*}}{name}"):
                for child in list(element):
                    element.remove(child)
        debtor = one.find("{*}Dbtr")
        if debtor is not None:
            etree.SubElement(debtor, etree.QName(etree.QName(debtor).namespace, "Nm")).text = GONE
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return made if left else None
