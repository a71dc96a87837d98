"""Allocation: money on account, or a credit note, pays invoices: the oldest first, or those that are named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.ledger import balances, booking, news
from einvoice.receivables.ledger.booking import CHARGES, PRINCIPAL, UNALLOCATED, Booking, Entry
from einvoice.receivables.ledger.money import Money, Since, on_account, since, sources
from einvoice.receivables.store.tables import ENTRIES, INVOICES, TRANSACTIONS

Order = tuple[str, str]
PRINCIPAL_FIRST: Order = (PRINCIPAL, CHARGES)
"""What the debtor was invoiced for comes first; charges that are not paid stay claimable. The default."""
CHARGES_FIRST: Order = (CHARGES, PRINCIPAL)
"""Costs and interest before principal, as civil codes have it where nothing else was agreed or said (NL 6:44 BW, DE § 367 BGB)."""
To = Sequence[tuple[int, Decimal | None]]
"""Named invoices, by id, and how much each gets; None: what it owes."""


class Share(NamedTuple):
    """What an invoice gets of a payment or credit note."""

    invoice: int
    principal: Decimal
    charges: Decimal

    @property
    def amount(self) -> Decimal:
        """Both together."""
        return self.principal + self.charges


class Allocated(NamedTuple):
    """What was allocated: a transaction and a share each, and what is left of the money."""

    transactions: tuple[int, ...]
    shares: tuple[Share, ...]
    left: Decimal


def allocate(
    connection: Connection,
    source: int,
    booked: Booking,
    *,
    to: To | None = None,
    order: Order = PRINCIPAL_FIRST,
    matched_by: str = "person",
) -> Allocated:
    """Allocates what is left of a payment or credit note (`source` is its transaction); what no invoice takes stays on account.

    Without `to` the debtor's own invoices get it, the oldest due first. Each share is a transaction, booked on the first day on which
    the money and what it pays were both there: `booked.day` is not used. With a key, the same again changes nothing. Raises
    ReceivablesError where an invoice is named twice, owes less than it is given, is in another currency, or is another creditor's.
    """
    kept = booking.transaction(connection, source)
    named = [(ref, None if amount is None else f"{amount:.3f}") for ref, amount in to] if to is not None else None
    content = booking.digest("allocation", booked.key, source, named, order)
    if booked.key and booking.found(connection, kept.creditor, f"{booked.key}:1", content):
        return _made_before(connection, kept.creditor, content, on_account(connection, source).left)
    money = on_account(connection, source)
    held = balances.standing(connection, _owing(connection, kept.creditor, money) if to is None else [ref for ref, _ in to])
    if to is None:
        shares = split(money.left, sorted(held.values(), key=lambda one: (one.due, one.id)), order)
    else:
        shares = [share for share in _named(money, held, to, order, kept.creditor) if share.amount]
    made = _book(connection, kept, money, held, shares, booked, content)
    if made and money.invoice is None:
        news.matched(connection, source, [(share.invoice, share.amount) for share in shares], booked.at, matched_by)
    return Allocated(made, tuple(shares), money.left - sum((share.amount for share in shares), ZERO))


def allocate_all(connection: Connection, debtor: int, booked: Booking, *, order: Order = PRINCIPAL_FIRST) -> list[Allocated]:
    """Allocates everything that a debtor has on account to its oldest invoices: credit notes first, then payments."""
    found = [allocate(connection, source, booked._replace(key=None), order=order) for source in sources(connection, debtor)]
    return [one for one in found if one.shares]


def split(money: Decimal, invoices: Iterable[balances.Standing], order: Order) -> list[Share]:
    """Divides money over invoices, in the order in which they come; pure.

    With the principal first, every principal comes before any charge; else each invoice's charges come before its principal.
    """
    owing = [one for one in invoices if one.open > 0 or one.charges > 0]
    parts = {one.id: {PRINCIPAL: ZERO, CHARGES: ZERO} for one in owing}
    by_account = order[0] == PRINCIPAL
    turns = [(account, one) for account in order for one in owing] if by_account else [(account, one) for one in owing for account in order]
    for account, one in turns:
        given = min(money, max(one.open if account == PRINCIPAL else one.charges, ZERO))
        parts[one.id][account] += given
        money -= given
    return [Share(ref, part[PRINCIPAL], part[CHARGES]) for ref, part in parts.items() if any(part.values())]


def entries_of(share: Share, money: Money, invoice: balances.Standing, days: Since) -> list[Entry]:
    """What a share books: its source has less left, the invoice owes less; each part on the first day on which it could be."""
    source, made = PRINCIPAL if money.invoice else UNALLOCATED, []
    for account, amount, grew in ((PRINCIPAL, share.principal, days.principal), (CHARGES, share.charges, days.charges)):
        if amount:
            day = max(money.day, grew)
            made.append(Entry(source, amount, money.currency, money.debtor, money.invoice, day))
            made.append(Entry(account, -amount, money.currency, invoice.debtor, invoice.id, day))
    return made


def _named(money: Money, held: Mapping[int, balances.Standing], to: To, order: Order, creditor: int) -> Iterable[Share]:
    left = money.left
    if len({ref for ref, _ in to}) < len(to):
        raise ReceivablesError("an invoice is named twice; name each once, with all that it gets")
    for ref, amount in to:
        one = held[ref]
        if one.creditor != creditor or one.currency != money.currency:
            raise ReceivablesError(f"invoice {one.number} is not this creditor's, or not in {money.currency}; it cannot be paid with this")
        owes = max(one.open, ZERO) + max(one.charges, ZERO)
        wanted = min(owes, left) if amount is None else amount
        if wanted > min(owes, left) or wanted < 0:
            raise ReceivablesError(f"invoice {one.number} owes {owes} and {left} is left to allocate; allocate at most that, not {wanted}")
        yield from split(wanted, [one], order)
        left -= wanted


def _owing(connection: Connection, creditor: int, money: Money) -> list[int]:
    """The oldest invoices of the money's debtor, as many as it can pay the principal of."""
    if money.debtor is None:
        return []
    owes = (INVOICES.c.open > ZERO) | (INVOICES.c.charges > ZERO)
    where = (INVOICES.c.creditor_id == creditor, INVOICES.c.debtor_id == money.debtor, INVOICES.c.currency == money.currency, owes)
    oldest = select(INVOICES.c.id, INVOICES.c.open).where(*where).order_by(INVOICES.c.due, INVOICES.c.id)
    left, found = money.left, []
    for row in connection.execute(oldest):
        if left <= 0:
            break
        found.append(row.id)
        left -= max(row.open, ZERO)
    return found


def _book(
    connection: Connection,
    kept: booking.Kept,
    money: Money,
    held: Mapping[int, balances.Standing],
    shares: Sequence[Share],
    booked: Booking,
    content: str,
) -> tuple[int, ...]:
    days = since(connection, [share.invoice for share in shares])
    key = booked.key or f"allocation:{kept.id}:{_moved(connection, kept.id)}" if shares else ""
    made: list[int] = []
    changes: list[balances.Change] = []
    last = money.day
    for number, share in enumerate(shares, 1):
        entries = entries_of(share, money, held[share.invoice], days[share.invoice])
        day = max(entry.day or money.day for entry in entries)
        ref = booking.write(connection, kept.creditor, "allocation", booked._replace(day=day), f"{key}:{number}", content, moves=kept.id)
        assert ref is not None, "the money is locked"
        booking.enter(connection, ref, kept.creditor, day, entries)
        made.append(ref)
        last = max(last, day)
        paid = max(money.day, days[share.invoice].principal)
        changes.append(balances.Change(share.invoice, paid, "allocation", -share.principal, -share.charges))
    if money.invoice is not None and shares:
        total = sum((share.amount for share in shares), ZERO)
        held = {**held, **balances.standing(connection, [money.invoice])}
        changes.append(balances.Change(money.invoice, last, "allocation", total))
    balances.apply(connection, held, changes)
    return tuple(made)


def _moved(connection: Connection, source: int) -> int:
    """How often a source was moved so far: what makes the next key."""
    last = select(TRANSACTIONS.c.id).where(TRANSACTIONS.c.moves == source).order_by(TRANSACTIONS.c.id.desc()).limit(1)
    return connection.execute(last).scalar_one_or_none() or 0


def _made_before(connection: Connection, creditor: int, content: str, left: Decimal) -> Allocated:
    """What the same request allocated when it first came."""
    query = (
        select(TRANSACTIONS.c.id, ENTRIES.c.invoice_id, ENTRIES.c.account, ENTRIES.c.amount)
        .join_from(TRANSACTIONS, ENTRIES, ENTRIES.c.transaction_id == TRANSACTIONS.c.id)
        .where(TRANSACTIONS.c.creditor_id == creditor, TRANSACTIONS.c.content == content, ENTRIES.c.amount < ZERO)
        .order_by(TRANSACTIONS.c.id)
    )
    shares: dict[int, Share] = {}
    for ref, invoice, account, amount in connection.execute(query):
        share = shares.get(ref, Share(invoice, ZERO, ZERO))
        shares[ref] = share._replace(**{account: -amount})
    return Allocated(tuple(shares), tuple(shares.values()), left)
