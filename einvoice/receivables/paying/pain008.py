"""The file for the bank: a pain.008.001.08 for each scheme, of what was announced in time and still stands.

A collection is handed over once: its state, the file's name and the file's bytes (a paper of kind `debit`) are written in one
transaction, and what is written to a folder is read from there, so that exporting again gives the same bytes and never a second
collection. Addresses are structured, or left out: since 2026-11-15 SEPA refuses others (EPC153-22).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree
from sqlalchemy import Connection, Row, insert, select, update

from einvoice.errors import ReceivablesError
from einvoice.outbox import mode
from einvoice.receivables.cases.case import At
from einvoice.receivables.paying.collections import numbers, withdraw
from einvoice.receivables.paying.identifiers import complete
from einvoice.receivables.paying.standing import still_collects
from einvoice.receivables.store.tables import COLLECTIONS, CONTACTS, CREDITORS, MANDATES, PAPERS
from einvoice.rendering.epc import EEA
from einvoice.settings import Sending

SCHEMA = "pain.008.001.08"
KIND = "debit"
EARLIEST = 14
"""Calendar days before the due date from which a bank takes a collection (EPC016-06, 4.3.2)."""
_NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"
_ADDRESS = {"street": "street_name", "postcode": "postcode", "city": "town", "country": "country"}


class File(NamedTuple):
    """A file for the bank: its MsgId, name and bytes, and how many collections it holds of how much in EUR."""

    id: str
    name: str
    data: bytes
    collections: int
    total: Decimal


class Exported(NamedTuple):
    """The files that were made, and why collections were withdrawn instead, counted by reason."""

    files: tuple[File, ...]
    withdrawn: Mapping[str, int]


def export(connection: Connection, creditor: int, ceiling: Sending, at: At) -> Exported:
    """Makes the files of what is announced and due within 14 days, a file for each scheme; each collection stands in one, once.

    What does not hold any more (paid, held, no mandate, announced too late) is withdrawn and proposed anew another day. Raises
    ReceivablesError where the mode is not live, and where the creditor lacks a name, an IBAN or a creditor identifier.
    """
    if (now_in := mode.effective(connection, ceiling).name) != mode.LIVE:
        raise ReceivablesError(f"the mode is {now_in}, and a file for the bank collects money; first: einvoice receivables mode live")
    owner = connection.execute(select(CREDITORS).where(CREDITORS.c.id == creditor).with_for_update()).one()
    complete(owner)
    withdrawn: Counter[str] = Counter()
    schemes: dict[str, list[Row[Any]]] = {}
    for row in _announced(connection, creditor, at):
        mandate = connection.execute(select(MANDATES).where(MANDATES.c.id == row.mandate_id)).one()
        why = still_collects(connection, row, at.day, row.announced_on) or _unfit(connection, row, mandate)
        if why is None:
            schemes.setdefault(mandate.scheme, []).append(row)
        else:
            reason = why.partition(":")[0]
            withdraw(connection, row.id, reason, at)
            withdrawn[reason] += 1
    files = tuple(_handed_over(connection, owner, scheme, rows, at) for scheme, rows in sorted(schemes.items()))
    return Exported(files, dict(sorted(withdrawn.items())))


def kept(connection: Connection, creditor: int, name: str | None = None) -> list[File]:
    """The files whose collections are still at the bank, or the one of that MsgId: the bytes as they were made.

    Raises ReceivablesError where there is none of that MsgId.
    """
    found = select(PAPERS).where(PAPERS.c.creditor_id == creditor, PAPERS.c.kind == KIND).order_by(PAPERS.c.id)
    waiting = select(COLLECTIONS.c.batch).where(COLLECTIONS.c.creditor_id == creditor, COLLECTIONS.c.state == "exported")
    open_now = set(connection.scalars(waiting))
    files = [_file(row.name, row.data) for row in connection.execute(found)]
    if name is None:
        return [file for file in files if file.id in open_now]
    if not (wanted := [file for file in files if file.id == name]):
        raise ReceivablesError(f"there is no file {name!r}; list them with: einvoice receivables debit list")
    return wanted


def xml(owner: Row[Any], scheme: str, rows: Sequence[Mapping[str, Any]], name: str, at: At) -> bytes:
    """The bytes of a file: the same input gives the same bytes, valid by the schema.

    A row has name, IBAN, BIC (where given), amount in EUR, sequence, due, mandate, signed, end_to_end, description, address. Raises
    ReceivablesError where what it says does not fit the schema.
    """
    from sepaxml import SepaDD  # noqa: PLC0415 - takes a while, and only an export needs it

    config = {"name": owner.name, "IBAN": owner.iban, "batch": True, "creditor_id": owner.sepa_id, "currency": "EUR", "instrument": scheme}
    config |= {"BIC": owner.bic} if owner.bic else {}
    config |= {"address": structured(owner.address)} if structured(owner.address) else {}
    made = SepaDD(config, schema=SCHEMA, clean=True)
    for row in rows:
        made.add_payment(_payment(row))
    root = etree.fromstring(made.export(validate=False), _parser())
    _settled(root, name, at)
    _valid(root)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return data


def structured(address: Mapping[str, Any] | None) -> dict[str, str]:
    """An address by its elements, such as `town` and `country`; empty without those two, for half of one would be refused."""
    found = {theirs: str(address[ours])[:70] for ours, theirs in _ADDRESS.items() if address and address.get(ours)}
    return found if {"town", "country"} <= found.keys() else {}


def _payment(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": row["name"],
        "IBAN": row["iban"],
        **({"BIC": row["bic"]} if row["bic"] else {}),
        "amount": int(row["amount"] * 100),
        "type": row["sequence"],
        "collection_date": row["due"],
        "mandate_id": row["mandate"],
        "mandate_date": row["signed"],
        "endtoend_id": row["end_to_end"],
        "description": row["description"][:140],
        "address": row["address"],
    }


def _settled(root: Any, name: str, at: At) -> None:
    """Puts names that follow from what is in the file where the library writes chance and the clock."""
    of = {"p": _NAMESPACE}
    root.find(".//p:GrpHdr/p:MsgId", of).text = name
    root.find(".//p:GrpHdr/p:CreDtTm", of).text = at.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for batch in root.findall(".//p:PmtInf", of):
        due, sequence = batch.find("p:ReqdColltnDt", of).text, batch.find("p:PmtTpInf/p:SeqTp", of).text
        batch.find("p:PmtInfId", of).text = f"{name}-{due.replace('-', '')}-{sequence}"


def _valid(root: Any) -> None:
    schema = _schema()
    if not schema.validate(root):
        fault = schema.error_log[0]
        raise ReceivablesError(f"the file would not be a {SCHEMA}: {fault.message}; correct the creditor, the mandate or the address")


@cache
def _schema() -> etree.XMLSchema:
    import sepaxml  # noqa: PLC0415

    path = Path(str(sepaxml.__file__)).with_name("schemas") / f"{SCHEMA}.xsd"
    return etree.XMLSchema(etree.parse(str(path), _parser()))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True)


def _announced(connection: Connection, creditor: int, at: At) -> Sequence[Row[Any]]:
    ready = (COLLECTIONS.c.creditor_id == creditor, COLLECTIONS.c.state == "announced", COLLECTIONS.c.due <= at.day + timedelta(EARLIEST))
    return connection.execute(select(COLLECTIONS).where(*ready).order_by(COLLECTIONS.c.due, COLLECTIONS.c.id).with_for_update()).all()


def _handed_over(connection: Connection, owner: Row[Any], scheme: str, rows: Sequence[Row[Any]], at: At) -> File:
    """Makes a file and marks what stands in it, in the caller's transaction."""
    digest = hashlib.sha256("\n".join([scheme, *(row.end_to_end for row in rows)]).encode()).hexdigest()
    name = f"DD{at.day:%y%m%d}{digest[:10].upper()}"
    data = xml(owner, scheme, [_told(connection, row) for row in rows], name, at)
    file = _file(f"{name}.xml", data)
    paper = {"creditor_id": owner.id, "kind": KIND, "hash": hashlib.sha256(data).hexdigest(), "name": file.name, "type": "application/xml"}
    connection.execute(insert(PAPERS).values(**paper, data=data, kept_at=at.now))
    these = COLLECTIONS.c.id.in_([row.id for row in rows])
    connection.execute(update(COLLECTIONS).where(these).values(state="exported", batch=name))
    for row in rows:
        used = {"last_used_on": row.due, **({"state": "used", "closed_on": at.day} if row.sequence == "OOFF" else {})}
        connection.execute(update(MANDATES).where(MANDATES.c.id == row.mandate_id).values(used))
    return file


def _told(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    mandate = connection.execute(select(MANDATES).where(MANDATES.c.id == row.mandate_id)).one()
    return {
        "name": mandate.holder,
        "iban": mandate.iban,
        "bic": mandate.bic,
        "amount": row.amount,
        "sequence": row.sequence,
        "due": row.due,
        "mandate": mandate.reference,
        "signed": mandate.signed_on,
        "end_to_end": row.end_to_end,
        "description": " ".join(numbers(connection, row)),
        "address": _address(connection, row.debtor_id),
    }


def _address(connection: Connection, debtor: int) -> dict[str, str]:
    """The first structured address of a debtor; none where there is none."""
    contacts = select(CONTACTS.c.address).where(CONTACTS.c.debtor_id == debtor).order_by(CONTACTS.c.role != "general", CONTACTS.c.id)
    return next((found for address in connection.scalars(contacts) if (found := structured(address))), {})


def _unfit(connection: Connection, row: Row[Any], mandate: Row[Any]) -> str | None:
    """What an account outside the EEA needs besides: its bank's BIC and the debtor's address (EPC130-08)."""
    if mandate.iban[:2] in EEA or (mandate.bic and _address(connection, row.debtor_id)):
        return None
    return "ADDRESS: an account outside the EEA needs a BIC and the debtor's town and country"


def _file(name: str, data: bytes) -> File:
    root = etree.fromstring(data, _parser())
    of = {"p": _NAMESPACE}
    total = Decimal(root.find(".//p:GrpHdr/p:CtrlSum", of).text)
    return File(name.removesuffix(".xml"), name, data, int(root.find(".//p:GrpHdr/p:NbOfTxs", of).text), total)
