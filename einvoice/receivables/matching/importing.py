"""Imports a file of a bank: all of it in the caller's transaction, or nothing; the same file and the same lines once.

What is matched is booked and pays its invoices in that transaction: from its commit on, no reminder of them leaves, because the last look
before a message leaves reads what is open.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.ledger.balances import standing
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.importing import bulk
from einvoice.receivables.ledger.payments import PaymentIn
from einvoice.receivables.matching import following
from einvoice.receivables.matching.fitting import payment_key
from einvoice.receivables.matching.loading import load
from einvoice.receivables.matching.matcher import match
from einvoice.receivables.matching.posting import Booked, Coming, post
from einvoice.receivables.matching.reading import BankLine, Statement, StatementRefused, read
from einvoice.receivables.matching.values import Match, Proposal, Said
from einvoice.receivables.policy import Policy
from einvoice.receivables.store.tables import BANK_FILES, BANK_LINES, CREDITORS

_COLUMNS = (
    "id creditor_id file_id key account booked valued currency amount payer iban text references end_to_end code reason state confidence "
    "explanation proposals payment_id settled_on settled_by"
).split()
_TRIES, _ACCOUNT = 3, 34


class Imported(NamedTuple):
    """What an import led to: the file's id, whether it was new, counts by state and kind, and the matches of its new lines."""

    file: int | None
    new: bool
    counts: Mapping[str, int]
    matches: tuple[Match, ...] = ()


def import_statement(
    connection: Connection, creditor: int, data: bytes, name: str, booked: Booking, policy: Policy | None = None
) -> Imported:
    """Imports a file of a bank: reads it, matches its new lines, books what is certain, leaves the rest on the work list.

    `booked.day` and `.at` are the import's; payments are booked on the bank's days. The discounts of `policy` are granted where all the
    rest was paid within their days. The same file again, by its SHA-256, changes nothing, and a line that came in another file is counted
    as known. Raises StatementRefused, and then nothing is kept: use a transaction.
    """
    _alone(connection, creditor)
    digest = hashlib.sha256(data).hexdigest()
    same = (BANK_FILES.c.creditor_id == creditor, BANK_FILES.c.sha256 == digest)
    if (known := connection.execute(select(BANK_FILES.c.id).where(*same)).scalar_one_or_none()) is not None:
        return Imported(int(known), False, {"same_file": 1})
    statements = read(data, name)
    _ours(connection, creditor, statements, name)
    lines, before = _new(connection, creditor, statements, name)
    matches = _matched(connection, creditor, lines, policy)
    posted = _post(connection, creditor, matches, booked)
    matches = following.follow(connection, creditor, matches, booked)
    counts = _counts(matches, before)
    accounts = sorted({one.account for one in statements})
    row = {"creditor_id": creditor, "sha256": digest, "name": name, "format": statements[0].format, "imported_at": booked.at}
    row["counts"] = {**counts, "accounts": accounts, "currencies": {one.account: one.currency for one in statements}}
    file = connection.execute(BANK_FILES.insert().values(row).returning(BANK_FILES.c.id)).scalar_one()
    _keep(connection, creditor, int(file), matches, posted, booked)
    return Imported(int(file), True, counts, tuple(matches))


def _alone(connection: Connection, creditor: int) -> None:
    """Has imports of a creditor come one after the other; in nobody else's way.

    Raises ReceivablesError where there is no such creditor.
    """
    this = select(CREDITORS.c.id).where(CREDITORS.c.id == creditor).with_for_update(key_share=True)
    if connection.execute(this).scalar_one_or_none() is None:
        raise ReceivablesError(f"there is no creditor {creditor}; add it first")


def _ours(connection: Connection, creditor: int, statements: Sequence[Statement], name: str) -> None:
    """Refuses another creditor's account, and one that changed its currency."""
    accounts = {one.account for one in statements}
    others = (CREDITORS.c.id != creditor, CREDITORS.c.iban.in_(accounts))
    own = connection.scalar(select(CREDITORS.c.iban).where(CREDITORS.c.id == creditor))
    other = connection.execute(select(CREDITORS.c.key, CREDITORS.c.iban).where(*others).limit(1)).one_or_none()
    if other is not None and other.iban != own:
        text = f"{other.iban} is the account of the creditor {other.key}"
        raise StatementRefused(text, f"import it with --creditor {other.key}", file=name, field="account")
    for counts in connection.scalars(select(BANK_FILES.c.counts).where(BANK_FILES.c.creditor_id == creditor)):
        for one in statements:
            was = counts.get("currencies", {}).get(one.account, one.currency)
            if was != one.currency:
                text = f"{one.account} is in {one.currency} here, but was in {was} in files before"
                raise StatementRefused(text, "ask the bank which it is", file=name, field="currency")


def _new(connection: Connection, creditor: int, statements: Sequence[Statement], name: str) -> tuple[list[BankLine], int]:
    """The lines that no file before had, and how many one had.

    A day of an account that came in one format comes again in that format alone: the lines of another have other keys. Only a CAMT.054 and
    a CAMT.053 may tell of the same: a line that says the same is the same, also where the bank gave it two references.
    """
    lines = [line for one in statements for line in one.lines]
    if not lines:
        return [], 0
    form = statements[0].format
    rows = _before(connection, creditor, lines)
    came = {(line.account[:_ACCOUNT], line.booked) for line in lines}
    for row in rows:
        if (row.account, row.booked) in came and row.format[:4] != form[:4]:
            text = f"{row.booked} of {row.account} came as {row.format} before, and this is {form}: lines would count twice"
            mend = f"go on with {row.format} for this account, or leave out the days that came"
            raise StatementRefused(text, mend, file=name, field="booking date")
    known = {row.key for row in rows}
    keys = {line.key for line in lines}
    told = Counter(tuple(row[2:-1]) for row in rows if row.format != form and row.key not in keys)
    new = []
    for line in lines:
        says = (line.account[:_ACCOUNT], line.booked, line.amount, line.currency, line.iban[:_ACCOUNT], line.end_to_end[:35], line.text)
        if line.key not in known and told[says] > 0:
            told[says] -= 1
        elif line.key not in known:
            new.append(line)
    return new, len(lines) - len(new)


def _before(connection: Connection, creditor: int, lines: Sequence[BankLine]) -> Sequence[Any]:
    """The lines of these accounts that came before, of the same days."""
    accounts, days = sorted({line.account[:_ACCOUNT] for line in lines}), [line.booked for line in lines]
    table = BANK_LINES.c
    within = (table.creditor_id == creditor, table.booked.between(min(days), max(days)), table.account.in_(accounts))
    said = (func.coalesce(table.iban, ""), func.coalesce(table.end_to_end, ""), table.text)
    query = select(table.id, table.key, table.account, table.booked, table.amount, table.currency, *said, BANK_FILES.c.format)
    return connection.execute(query.join_from(BANK_LINES, BANK_FILES, BANK_FILES.c.id == table.file_id).where(*within)).all()


def _matched(connection: Connection, creditor: int, lines: Sequence[BankLine], policy: Policy | None) -> list[Match]:
    """The matches of lines on a book that nobody changes any more: the invoices that get something are locked, and looked at again."""
    for _ in range(_TRIES):
        book = load(connection, creditor, lines, policy)
        found = list(match(lines, book))
        held = standing(connection, {ref for one in found for ref, _ in one.allocations})
        if all((one.open, one.charges) == (book.items[ref].open, book.items[ref].charges) for ref, one in held.items()):
            return found
    raise StatementRefused("invoices changed again and again while it was matched", "import it again")


def _post(connection: Connection, creditor: int, matches: Iterable[Match], booked: Booking) -> dict[str, Booked]:
    """Books the payments; by the keys of their lines."""
    posting = [one for one in matches if one.posts and one.line.amount > 0]
    made = post(connection, creditor, [_coming(one) for one in posting], booked._replace(key=None))
    return {one.line.key: it for one, it in zip(posting, made, strict=True)}


def _coming(one: Match) -> Coming:
    line = one.line
    said = " ".join([*line.references, line.text]).strip() or None
    payment = PaymentIn(payment_key(line), line.amount, line.currency, line.booked, one.debtor, said, line.payer or None, line.iban or None)
    return Coming(payment, one.allocations, one.by, one.confidence, tuple(dict.fromkeys(said.code for said in one.explanation)))


def _counts(matches: Iterable[Match], before: int) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for one in matches:
        counts["lines"] += 1
        counts[one.state] += 1
        if one.state == "matched":
            counts[f"matched.{one.kind}"] += 1
    if before:
        counts["known"] = before
    return dict(sorted(counts.items()))


def _keep(
    connection: Connection, creditor: int, file: int, matches: Sequence[Match], posted: Mapping[str, Booked], booked: Booking
) -> None:
    """Writes the lines with what became of them."""
    refs = bulk.ids(connection, BANK_LINES, len(matches))
    bulk.add(connection, BANK_LINES, _COLUMNS, list(_rows(creditor, file, refs, matches, posted, booked)))


def _rows(
    creditor: int, file: int, refs: Sequence[int], matches: Sequence[Match], posted: Mapping[str, Booked], booked: Booking
) -> Iterator[tuple[Any, ...]]:
    for ref, one in zip(refs, matches, strict=True):
        line, made = one.line, posted.get(one.line.key)
        settled = one.state in ("matched", "ignored", "done")
        yield (
            ref,
            creditor,
            file,
            line.key,
            line.account[:_ACCOUNT],
            line.booked,
            line.valued,
            line.currency,
            line.amount,
            line.payer or None,
            line.iban[:_ACCOUNT] or None,
            line.text,
            list(line.references),
            line.end_to_end[:35] or None,
            line.code[:40] or None,
            line.reason[:8] or None,
            one.state,
            one.confidence,
            [_said(each) for each in one.explanation],
            [_proposed(each) for each in one.proposals],
            made.payment if made else None,
            booked.day if settled else None,
            booked.by if settled else None,
        )


def _said(each: Said) -> dict[str, Any]:
    return {"code": each.code, "text": each.text, "holds": each.holds}


def _proposed(each: Proposal) -> dict[str, Any]:
    invoices = [[ref, str(amount)] for ref, amount in each.allocations]
    return {"debtor": each.debtor, "invoices": invoices, "confidence": each.confidence, "why": each.why, "discount": str(each.discount)}
