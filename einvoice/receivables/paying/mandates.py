"""SEPA mandates: a debtor's word that it may be collected from its account, by a reference of its own.

What the rulebooks ask (EPC016-06 for CORE, EPC222-07 for B2B): a unique reference of at most 35 characters, the account, the day of
signature; a consumer gives a CORE mandate only; one that is not used for 36 months has expired. Another account is another mandate:
the old one is cancelled, the new one is signed, so that no amendment has to be told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, insert, select, update
from stdnum import bic as bics
from stdnum import iban as ibans
from stdnum.exceptions import ValidationError

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases.case import At
from einvoice.receivables.law.calendar import after_months
from einvoice.receivables.snapshot import Kind
from einvoice.receivables.store.tables import COLLECTIONS, DEBTORS, MANDATES
from einvoice.rendering.epc import SEPA

CORE, B2B = "CORE", "B2B"
UNUSED = 36
"""Months after which a mandate that was not used has expired (EPC016-06, 4.1)."""
LIVE = ("planned", "announced", "exported")
"""The states of a collection that is on its way."""
_REFERENCE = re.compile(r"[A-Za-z0-9+?/:().,'-]{1,35}", re.ASCII)


class MandateIn(NamedTuple):
    """A mandate as it was signed; `source` says where and how, `bic` only where the account is outside the EEA."""

    debtor: int
    reference: str
    iban: str
    holder: str
    signed: date
    source: str
    scheme: str = CORE
    bic: str | None = None
    recurrent: bool = True


def create(connection: Connection, creditor: int, mandate: MandateIn, at: At) -> int:
    """Keeps a mandate; its id. The same again is the one that is there.

    Raises ReceivablesError where the account is none that SEPA reaches, the reference cannot be one or stands for another mandate, a
    consumer would give a B2B mandate, or it is signed in the future or too long ago.
    """
    given = _checked(mandate, at.day)
    kind = connection.scalar(
        select(DEBTORS.c.kind).where(DEBTORS.c.id == given.debtor, DEBTORS.c.creditor_id == creditor).with_for_update()
    )
    if kind is None:
        raise ReceivablesError(f"creditor {creditor} has no debtor {given.debtor}; import it first")
    if given.scheme == B2B and kind == Kind.CONSUMER:
        raise ReceivablesError(f"the mandate {given.reference}: consumers give CORE mandates only (EPC222-07, 1.2); have a CORE one signed")
    row = _row(creditor, given)
    same = (MANDATES.c.creditor_id == creditor, MANDATES.c.reference == given.reference)
    if (there := connection.execute(select(MANDATES).where(*same)).one_or_none()) is not None:
        if any(getattr(there, name) != value for name, value in row.items() if name not in ("source", "state")):
            raise ReceivablesError(f"the reference {given.reference} stands for another mandate; a reference is used once, give a new one")
        return int(there.id)
    return int(connection.execute(insert(MANDATES).values(row).returning(MANDATES.c.id)).scalar_one())


def cancel(connection: Connection, creditor: int, reference: str, at: At, state: str = "cancelled") -> int:
    """Ends a mandate; its id. What was not yet handed to the bank under it is not collected any more.

    Raises ReceivablesError where there is no such mandate. Ended already, it stays as it is.
    """
    from einvoice.receivables.paying.collections import withdraw  # noqa: PLC0415 - collections stand on mandates

    same = (MANDATES.c.creditor_id == creditor, MANDATES.c.reference == reference)
    row = connection.execute(select(MANDATES).where(*same).with_for_update()).one_or_none()
    if row is None:
        raise ReceivablesError(f"there is no mandate {reference!r}; list them with: einvoice receivables mandate list")
    if row.state == "active":
        connection.execute(update(MANDATES).where(MANDATES.c.id == row.id).values(state=state, closed_on=at.day))
    early = select(COLLECTIONS.c.id).where(COLLECTIONS.c.mandate_id == row.id, COLLECTIONS.c.state.in_(("planned", "announced")))
    for collection in connection.scalars(early).all():
        withdraw(connection, collection, "MANDATE", at)
    return int(row.id)


def expire(connection: Connection, creditor: int, day: date) -> int:
    """Ends the mandates that were not used for 36 months, counted from the last collection, else from the signature; how many."""
    since = func.coalesce(MANDATES.c.last_used_on, MANDATES.c.signed_on, type_=MANDATES.c.signed_on.type)
    idle = (MANDATES.c.creditor_id == creditor, MANDATES.c.state == "active", since <= _before(day))
    return connection.execute(update(MANDATES).where(*idle).values(state="expired", closed_on=day)).rowcount


def active(connection: Connection, creditor: int, day: date) -> dict[int, Row[Any]]:
    """The mandate of each debtor that may be collected by: of several the one signed last."""
    since = func.coalesce(MANDATES.c.last_used_on, MANDATES.c.signed_on, type_=MANDATES.c.signed_on.type)
    good = (MANDATES.c.creditor_id == creditor, MANDATES.c.state == "active", since > _before(day), MANDATES.c.signed_on <= day)
    found = connection.execute(select(MANDATES).where(*good).order_by(MANDATES.c.signed_on, MANDATES.c.id)).all()
    return {row.debtor_id: row for row in found}


def listed(connection: Connection, creditor: int, debtor: int | None = None) -> Sequence[Row[Any]]:
    """The mandates of a creditor, or of one debtor, with the debtor's key."""
    found = select(MANDATES, DEBTORS.c.key.label("debtor")).join(DEBTORS, DEBTORS.c.id == MANDATES.c.debtor_id)
    found = found.where(MANDATES.c.creditor_id == creditor)
    if debtor is not None:
        found = found.where(MANDATES.c.debtor_id == debtor)
    return connection.execute(found.order_by(MANDATES.c.id)).all()


def _checked(mandate: MandateIn, day: date) -> MandateIn:
    iban, bic = account(mandate.iban, mandate.bic)
    if mandate.scheme not in (CORE, B2B):
        raise ReceivablesError(f"the mandate {mandate.reference}: {mandate.scheme!r} is no scheme; it is {CORE} or {B2B}")
    if not _REFERENCE.fullmatch(mandate.reference) or mandate.reference.startswith("/") or "//" in mandate.reference:
        raise ReceivablesError(f"{mandate.reference!r} is no mandate reference: at most 35 letters and digits, no spaces (EPC230-15)")
    if not mandate.holder.strip() or len(mandate.holder) > 70:
        raise ReceivablesError(f"the mandate {mandate.reference}: the holder of the account has a name of at most 70 characters")
    if not _before(day) < mandate.signed <= day:
        raise ReceivablesError(
            f"the mandate {mandate.reference}: signed on {mandate.signed}, which is later than today or {UNUSED} months ago; "
            "give the day of signature, or have a new one signed"
        )
    return mandate._replace(iban=iban, bic=bic, holder=" ".join(mandate.holder.split()))


def account(iban: str, bic: str | None = None) -> tuple[str, str | None]:
    """An account that SEPA reaches: its IBAN without spaces, checked, and the BIC.

    Raises ReceivablesError where it is none.
    """
    try:
        bare = str(ibans.validate(iban, check_country=False))  # lists of banks grow old
        bank = str(bics.validate(bic)) if bic else None
    except ValidationError as fault:
        raise ReceivablesError(f"{iban!r}{f' {bic!r}' if bic else ''}: {fault}; copy the account from the mandate") from None
    if bare[:2] not in SEPA:
        raise ReceivablesError(f"{bare}: accounts in {bare[:2]} are not reached by SEPA direct debit; ask for another account")
    return bare, bank


def _row(creditor: int, mandate: MandateIn) -> dict[str, Any]:
    return {
        "creditor_id": creditor,
        "debtor_id": mandate.debtor,
        "reference": mandate.reference,
        "scheme": mandate.scheme,
        "recurrent": mandate.recurrent,
        "holder": mandate.holder,
        "iban": mandate.iban,
        "bic": mandate.bic,
        "signed_on": mandate.signed,
        "state": "active",
        "source": mandate.source,
    }


def _before(day: date) -> date:
    """What was last used on this day or before has expired."""
    return after_months(day, -UNUSED)
