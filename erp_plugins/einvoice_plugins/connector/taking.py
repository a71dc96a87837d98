"""Taking a file in: what is written of it in one transaction, so that it happened whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from einvoice.errors import EInvoiceError, SettingsError
from einvoice.settings import current
from einvoice_plugins.connector import journal
from einvoice_plugins.connector.folders import INVOICES as SOURCE
from einvoice_plugins.connector.folders import OPEN_ITEMS, Folders
from einvoice_plugins.connector.making import Made, verdict
from einvoice_plugins.connector.reasons import Reason, Refused, of
from einvoice_plugins.connector.settings import Ledger, Settings
from einvoice_plugins.connector.tables import INVOICES

WHO = "connector"
HALF = ("half-file", "bad-csv", "bad-json")
"""What half a table is refused for."""
_MAY_COME = (*HALF, "missing-debtor", "missing-invoice")
VIEW = "view-"
"""How the names of files begin that are made from views."""


class Taken(NamedTuple):
    """A file on its way: its name and hash, where its bytes are, and how many."""

    source: str
    name: str
    sha256: str
    size: int
    copy: Path | None = None


class Desk(NamedTuple):
    """What taking in needs."""

    settings: Settings
    folders: Folders
    now: datetime
    reached: Callable[[str], None]


def invoices(connection: Connection, desk: Desk, file: Taken, found: list[Made]) -> journal.File:
    """Writes invoices down, books and submits them as the settings say, and stages their files.

    Raises Refused where a number already stands for another document, and where ledger or Peppol refuse one.
    """
    entry = journal.decide(connection, SOURCE, file.sha256, file.name, file.size, journal.DECIDED, {}, desk.now)
    reasons: list[Reason] = []
    publish: list[str] = []
    same = 0
    for one in found:
        try:
            names = _one(connection, desk, entry, file, one)
        except Refused as refused:
            reasons += refused.reasons
        except SettingsError:
            raise
        except EInvoiceError as fault:
            reasons += of(fault, one.number)
        else:
            publish += names
            same += not names
    if reasons:
        raise Refused(reasons)
    desk.reached("staged")
    return journal.told(connection, entry, {"publish": publish, "invoices": len(found) - same, "same": same})


def _one(connection: Connection, desk: Desk, entry: journal.File, file: Taken, one: Made) -> list[str]:
    """The names of an invoice's files; none where it went out before, the same."""
    row = connection.execute(select(INVOICES).where(INVOICES.c.key == one.key)).one_or_none()
    if row is not None:
        if row.document_hash != one.document_hash:
            mend = "give this one a number of its own; what went out is corrected by a credit note"
            raise Refused([Reason("other-document", "another invoice of this number went out before", one.number, mend=mend)])
        return []
    stem = _stem(connection, one)
    peppol = _submitted(connection, one) if _goes_by_peppol(one, desk.settings.invoices.send) else None
    values = {"key": one.key, "number": one.number, "stem": stem.lower(), "document_hash": one.document_hash}
    connection.execute(INVOICES.insert().values(**values, file_id=entry.id, peppol_id=peppol))
    booked = _booked(connection, desk, one) if desk.settings.invoices.book else None
    ids = {name: ref for name, ref in (("peppol_id", peppol), ("ledger_id", booked)) if ref is not None}
    return _staged(desk, file, one, stem, ids)


def _staged(desk: Desk, file: Taken, one: Made, stem: str, ids: dict[str, int]) -> list[str]:
    """Stages XML, PDF, and the verdict, which comes last into OUT: who sees it finds the others."""
    parts = {f"{stem}.xml": one.xml} | ({f"{stem}.pdf": one.pdf} if one.pdf is not None else {})
    parts[f"{stem}.verdict.json"] = verdict(one, file.name, file.sha256, [*parts], ids)
    desk.folders.stage(file.sha256, parts)
    return [*parts]


def _stem(connection: Connection, one: Made) -> str:
    """The name of an invoice's files: its number, made longer where another invoice has that name."""
    plain = re.sub(r"[^\w.-]+", "_", one.number).strip("._")[:100]
    same = plain == one.number and not connection.execute(select(INVOICES.c.id).where(INVOICES.c.stem == plain.lower())).first()
    return plain if same else f"{plain or 'invoice'}~{one.key[:8]}"


def _booked(connection: Connection, desk: Desk, one: Made) -> int:
    from einvoice.receivables.ledger.booking import Booking  # noqa: PLC0415 - only who books pays for it
    from einvoice.receivables.ledger.einvoices import from_einvoice  # noqa: PLC0415 - the same

    owed = creditor(connection, desk.settings.ledger)
    booking, add = Booking(desk.now.date(), WHO, desk.now), desk.settings.ledger.add_debtors
    return from_einvoice(connection, owed, one.invoice, booking, add_debtor=add, data=one.xml, pdf=one.pdf).id


def _goes_by_peppol(one: Made, send: bool | str) -> bool:
    """Whether it is submitted: each where that is said, else where the buyer has an address there (BT-49; EM is an e-mail address)."""
    address = one.invoice.buyer.electronic_address if one.invoice.buyer else None
    return send is True or (send == "addressed" and address is not None and address.scheme not in (None, "EM"))


def _submitted(connection: Connection, one: Made) -> int:
    from einvoice_peppol.sending import submit  # noqa: PLC0415 - an extra that most do without

    key = f"connector:{one.key}"
    return submit(connection, one.xml, one.report, subject=f"invoice:{one.number}"[:120], key=key)


def peppol_is_set_up() -> None:
    """Sees that what is submitted can be sent.

    Raises SettingsError.
    """
    settings = current()
    peppol, via = settings.peppol, settings.peppol.via
    ours = peppol.certificate and peppol.key
    hosted = via != "as4" and next(iter(getattr(settings, via.translate({ord("-"): None, ord("."): None}))))  # its key, or client
    if not (ours if via == "as4" else hosted):
        mend = "set [peppol] certificate and key, or via and that access point's own section, in einvoice.toml, or leave send out"
        raise SettingsError(f"[invoices] send = true, but Peppol is not set up (via {via}); {mend}")


def open_items(connection: Connection, desk: Desk, file: Taken) -> journal.File:
    """Imports a file of debtors, contacts, invoices or payments.

    Raises Refused with every fault.
    """
    from einvoice.receivables.ledger.booking import Booking  # noqa: PLC0415 - only who imports pays for it
    from einvoice.receivables.ledger.importing import ImportRefused, import_files  # noqa: PLC0415 - the same

    assert file.copy is not None
    booking = Booking(desk.now.date(), WHO, desk.now)
    try:
        counts = import_files(connection, creditor(connection, desk.settings.ledger), [file.copy], booking, _reading(desk, file))
    except ImportRefused as refused:
        reasons = [Reason(each.code, each.text, None, each.line, each.field, None, each.mend) for each in refused.findings]
        raise Refused(reasons, may_mend=all(each.code in _MAY_COME for each in reasons)) from None
    entry = journal.decide(connection, OPEN_ITEMS, file.sha256, file.name, file.size, journal.DECIDED, {"counts": dict(counts)}, desk.now)
    desk.reached("imported")
    return entry


def _reading(desk: Desk, file: Taken) -> Any:
    from einvoice.receivables.ledger.importing import Reading  # noqa: PLC0415 - only who imports pays for it

    ledger = desk.settings.ledger
    shared = Reading(columns=ledger.columns, ignore=frozenset(ledger.ignore), oldest=ledger.oldest, add_debtors=ledger.add_debtors)
    if file.name.startswith(VIEW):  # we wrote it: dates are ISO, amounts have a point
        return shared
    return shared._replace(dates=ledger.dates, decimal=ledger.decimal, delimiter=ledger.delimiter, encoding=ledger.encoding)


def creditor(connection: Connection, ledger: Ledger) -> int:
    """The id of the creditor that is meant: the one named here or in einvoice.toml, or the only one.

    Raises SettingsError where there is none such, or several and none is named.
    """
    from einvoice.receivables.store.tables import CREDITORS  # noqa: PLC0415 - only who books pays for it

    wanted = ledger.creditor or current().receivables.creditor
    if wanted is None and (connection.scalar(select(func.count()).select_from(CREDITORS)) or 0) != 1:
        raise SettingsError("it is not clear whose receivables these are; add a creditor, or name one: [ledger] creditor")
    found = select(CREDITORS.c.id) if wanted is None else select(CREDITORS.c.id).where(CREDITORS.c.key == wanted)
    ref = connection.execute(found).scalar_one_or_none()
    if ref is None:
        raise SettingsError(f"[ledger] creditor: there is no creditor {wanted!r}; add it: einvoice receivables creditor add {wanted}")
    return int(ref)
