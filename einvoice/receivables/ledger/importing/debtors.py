"""Debtors and their contacts from files: added, or changed in what the file gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.signals import rescore
from einvoice.receivables.ledger import parties
from einvoice.receivables.ledger.importing import bulk
from einvoice.receivables.ledger.importing.desk import Desk
from einvoice.receivables.ledger.importing.sheets import Record, Sheet
from einvoice.receivables.store.tables import CONTACTS, DEBTORS

_ADDRESS = ("street", "street2", "postcode", "city")
_DEBTOR = "key name kind country region language time_zone size sector score scored_on born customer_since pay_day legal_id vat_id".split()
_CONTACT = ("name", "first_name", "language", "email", "phone", "peppol", "address")
_FAILED = {"email": "email_bounced_on", "phone": "phone_failed_on", "address": "address_failed_on"}


def debtors(desk: Desk, sheet: Sheet) -> None:
    """Adds and changes debtors, each with its general contact; then the debtor above each."""
    above: list[tuple[int, str, str]] = []
    seen: set[str] = set()
    for chunk in bulk.chunks(sheet.records(desk.faults)):
        known = desk.debtors(record.values["key"] for record in chunk)
        fresh: list[Record] = []
        for record in chunk:
            key = record.values["key"]
            if key in seen:
                desk.fault("duplicate", sheet.path, record.line, "key", f"debtor {key} stands twice in this file", "keep one of the two")
                continue
            seen.add(key)
            if parent := record.values.get("parent"):
                above.append((record.line, key, parent))
            if key not in known:
                fresh.append(record)
        changed = _changes(known, [record for record in chunk if record.values["key"] in known])
        _update(desk, DEBTORS, [_rescored(desk, known, change) for change in changed])
        rows = bulk.ids(desk.connection, DEBTORS, len(fresh))
        new = [[ref, desk.creditor.id, *(record.values.get(name) for name in _DEBTOR)] for ref, record in zip(rows, fresh, strict=True)]
        bulk.add(desk.connection, DEBTORS, ["id", "creditor_id", *_DEBTOR], new)
        desk.counts.update({"debtors": len(fresh), "changed": len(changed), "same": len(chunk) - len(fresh) - len(changed)})
        refs = {key: row.id for key, row in known.items()} | {r.values["key"]: ref for ref, r in zip(rows, fresh, strict=True)}
        _save(desk, [_general(refs[record.values["key"]], record.values) for record in chunk if record.values["key"] in refs])
    _parents(desk, sheet, above)


def contacts(desk: Desk, sheet: Sheet) -> None:
    """Adds and changes contacts, told apart by debtor, role and name."""
    for chunk in bulk.chunks(sheet.records(desk.faults)):
        known = desk.debtors(record.values["debtor"] for record in chunk)
        wanted = []
        for record in chunk:
            debtor = known.get(record.values["debtor"])
            if debtor is None:
                unknown_debtor(desk, sheet, record)
                continue
            given = {"debtor_id": debtor.id, "role": "general"} | record.values | {"address": _address(record.values, debtor.country)}
            wanted.append({name: value for name, value in given.items() if name in (*_CONTACT, "debtor_id", "role") and value is not None})
        _save(desk, wanted, named=True)


def unknown_debtor(desk: Desk, sheet: Sheet, record: Record) -> None:
    """Notes that a row names a debtor that is not in the ledger."""
    text = f"debtor {record.values['debtor']} is not known"
    desk.fault("missing-debtor", sheet.path, record.line, "debtor", text, "import it first, or in the same go")


def _changes(known: Mapping[str, Any], records: Sequence[Record]) -> list[dict[str, Any]]:
    """What is different of debtors that are there, with their ids."""
    found = []
    for record in records:
        row = known[record.values["key"]]
        different = {name: record.values[name] for name in _DEBTOR if name in record.values and record.values[name] != getattr(row, name)}
        if different:
            found.append({"this": row.id, **different})
    return found


def _rescored(desk: Desk, known: Mapping[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """The rest of a change, once a score that fell was written as an early signal."""
    row = next(row for row in known.values() if row.id == change["this"]) if "score" in change else None
    if row is None or row.score is None or change["score"] >= row.score:
        return change
    rescore(desk.connection, row.id, change["score"], At(desk.booked.day, desk.booked.at, desk.booked.by))
    return {name: value for name, value in change.items() if name != "score"}


def _update(desk: Desk, table: Any, changes: Sequence[Mapping[str, Any]]) -> None:
    """Changes rows, those with the same columns together."""
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for change in changes:
        if len(change) > 1:
            alike[tuple(change)].append(change)
    for names, rows in alike.items():
        values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names if name != "this"}
        given = [{f"new_{name}" if name != "this" else name: value for name, value in row.items()} for row in rows]
        desk.connection.execute(table.update().where(table.c.id == bindparam("this")).values(values), given)


def _general(debtor: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """The general contact that a row of a debtor gives, if any."""
    given = {name: values[name] for name in ("first_name", "email", "phone", "peppol") if name in values}
    if "contact_name" in values:
        given["name"] = values["contact_name"]
    if address := _address(values, values["country"]):
        given["address"] = address
    return {"debtor_id": debtor, "role": "general", **given} if given else {}


def _address(values: Mapping[str, Any], country: str) -> dict[str, str] | None:
    given = {name: values[name] for name in _ADDRESS if name in values}
    return {**given, "country": values.get("country", country)} if given else None


def _save(desk: Desk, wanted: Sequence[dict[str, Any]], *, named: bool = False) -> None:
    """Adds contacts, or changes those that are there; another address is tried again, whatever became of the one before."""
    given = [contact for contact in wanted if contact]
    if not given:
        return
    rows = desk.connection.execute(select(CONTACTS).where(CONTACTS.c.debtor_id.in_({contact["debtor_id"] for contact in given})))
    there: dict[Any, Any] = {}
    for row in rows.all()[::-1]:
        there[row.debtor_id, row.role, None] = row
        there[row.debtor_id, row.role, row.name] = row
    fresh, changes = [], []
    for contact in given:
        key = (contact["debtor_id"], contact["role"], contact.get("name") if named else None)
        kept = there.get(key)
        if kept is None:
            fresh.append(contact)
            there[key] = contact
        elif isinstance(kept, dict):
            kept.update(contact)  # the same contact stands twice in the file: the later row wins
        else:
            changes.append(_different(kept, contact))
    _update(desk, CONTACTS, changes)
    names = ["debtor_id", "role", *_CONTACT]
    made = bulk.ids(desk.connection, CONTACTS, len(fresh))
    bulk.add(
        desk.connection, CONTACTS, ["id", *names], [[ref, *(one.get(name) for name in names)] for ref, one in zip(made, fresh, strict=True)]
    )
    if named:
        changed = sum(len(change) > 1 for change in changes)
        desk.counts.update({"contacts": len(fresh), "changed": changed, "same": len(given) - len(fresh) - changed})


def _different(row: Any, contact: Mapping[str, Any]) -> dict[str, Any]:
    different = {name: contact[name] for name in _CONTACT if name in contact and contact[name] != getattr(row, name)}
    return {"this": row.id, **different, **{failed: None for name, failed in _FAILED.items() if name in different}}


def _parents(desk: Desk, sheet: Sheet, above: Sequence[tuple[int, str, str]]) -> None:
    for chunk in bulk.chunks(above):
        known = desk.debtors(key for _, child, parent in chunk for key in (child, parent))
        changes = []
        for line, child, parent in chunk:
            if parent not in known:
                text = f"debtor {parent} is not known, who should stand above {child}"
                desk.fault("missing-debtor", sheet.path, line, "parent", text, "add it to this file, or leave the parent out")
            elif child in known and known[child].parent_id != known[parent].id:
                changes.append({"this": known[child].id, "parent_id": known[parent].id})
        _update(desk, DEBTORS, changes)
        for line, child, _ in chunk:
            if child in known and known[child].id in parties.children(desk.connection, known[child].id):
                desk.fault("circle", sheet.path, line, "parent", f"{child} stands below itself", "take one of the parents out")
