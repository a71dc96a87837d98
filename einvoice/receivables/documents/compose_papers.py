"""Documents that are no action's: statement of account, agreement on a payment plan, thanks, pre-notification of a direct debit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.documents import compose_spoken as aloud
from einvoice.receivables.documents.agreements import Term
from einvoice.receivables.documents.compose import capital, links, transfer
from einvoice.receivables.documents.compose_pen import Pen, name_debts, pen, signature
from einvoice.receivables.documents.content import Content, Line, Table, Transfer
from einvoice.receivables.documents.parties import Debt, Party
from einvoice.receivables.documents.voices import fitting
from einvoice.rendering.epc import TEXT

_NONE = 0


class Booked(NamedTuple):
    """A row of a statement: what was booked on a day; `amount` is positive where it is owed, negative where it was paid or credited.

    `kind` is invoice, credit_note, payment, interest, costs, fee, discount, refund, reversal, write_off or other.
    """

    day: date
    kind: str
    number: str
    amount: Decimal
    due: date | None = None


class Said(NamedTuple):
    """What differs from document to document."""

    opening: tuple[str, ...]
    table: Table | None = None
    remarks: tuple[str, ...] = ()
    transfer: Transfer | None = None
    contact: str = ""


def statement(
    party: Party,
    rows: Sequence[Booked],
    since: date,
    until: date,
    before: Decimal = ZERO,
    *,
    owed: Sequence[Debt] | None = None,
    channel: str = "email",
    key: str = "",
    voice: str | None = None,
    firmness: int = _NONE,
) -> Content:
    """A statement of account from a day until another, both included; `before` is the balance at its beginning.

    `rows` are in the order in which they were booked; `owed` are the invoices that are open at its end, which a payment names (None: all
    that were booked). Raises Missing.
    """
    balance = sum((row.amount for row in rows), before)
    made = _pen(party if balance > 0 else party._replace(pay=None), "statement", key, voice, firmness)
    booked = [Debt(row.number, row.day, row.due or row.day, row.amount) for row in rows if row.kind == "invoice" and row.number]
    billed = booked if owed is None else owed
    name_debts(made, billed)
    made.fields |= {
        "since": made.day(since),
        "until": made.day(until),
        "balance": made.money(balance),
        "owed": "yes" if balance > 0 else "",
    }
    made.fields |= {"total": made.money(balance), "reference": _stated(made)}
    lines = [Line("earlier", (made.short_day(since), made.say("statement", "before"), "", made.money(before)))]
    lines += [_booked(made, row) for row in rows]
    lines.append(Line("total", (made.say("statement", "total"), "", "", made.money(balance))))
    columns = tuple(made.say("columns", name) for name in ("day", "what", "number", "booked"))
    pays = transfer(made, balance, ("statement", "payment_words")) if balance > 0 else None
    note = (made.say("statement", "note"),)
    said = Said((made.say("statement", "opening"),), Table(columns, tuple(lines)), note, pays, made.say("statement", "contact"))
    return _whole(made, party, "statement", said, channel, billed)


def _stated(made: Pen) -> str:
    """What a transfer of the balance states: the invoices, where there is room for them, or the statement."""
    named = made.fields["reference"]
    return named if 0 < len(named) <= TEXT else capital(made.say("statement", "subject"))


def _booked(made: Pen, row: Booked) -> Line:
    what = made.maybe("statement", row.kind) or made.say("statement", "other")
    return Line(row.kind, (made.short_day(row.day), what, row.number, made.money(row.amount)))


def plan_agreement(
    party: Party,
    terms: Sequence[Term],
    debts: Sequence[Debt],
    grace_days: int = 0,
    *,
    agreed: bool = False,
    channel: str = "email",
    key: str = "",
    voice: str | None = None,
    firmness: int = _NONE,
) -> Content:
    """An agreement on paying in terms: amounts and days, what happens when a term is missed, where to agree unless it is `agreed`.

    Raises Missing; ReceivablesError where there are no terms.
    """
    if not terms:
        raise ReceivablesError("a payment plan without terms is none; propose it anew")
    made = _pen(party, "plan", key, voice, firmness)
    name_debts(made, debts)
    total = sum((term.amount for term in terms), ZERO)
    made.fields |= {"total": made.money(total), "count": str(len(terms)), "grace": str(grace_days) if grace_days else ""}
    made.fields |= {"first_due": made.day(terms[0].due), "last_due": made.day(terms[-1].due)}
    lines = [
        Line("term", (made.say("plan", "term", number=str(number)), made.short_day(term.due), made.money(term.amount)))
        for number, term in enumerate(terms, 1)
    ]
    lines.append(Line("total", (made.say("plan", "total"), "", made.money(total))))
    columns = tuple(made.say("columns", name) for name in ("term", "due", "share"))
    remarks = tuple(made.say("plan", name) for name in ("while", "missed", *(() if agreed else ("agree", "sign"))))
    pays = transfer(made, terms[0].amount, ("plan", "payment_words"))
    said = Said((made.say("plan", "opening"),), Table(columns, tuple(lines)), remarks, pays, made.say("frame", "contact"))
    return _whole(made, party, "plan", said, channel, debts)


def thank_you(
    party: Party,
    amount: Decimal,
    debts: Sequence[Debt],
    on: date,
    *,
    punctual: bool = False,
    promised: bool = False,
    channel: str = "email",
    key: str = "",
    voice: str | None = None,
    firmness: int = _NONE,
) -> Content:
    """Thanks for a payment: `punctual` to who always pays on time, `promised` where a promise was kept. Raises Missing."""
    made = _pen(party._replace(pay=None), "thank_you", key, voice, firmness)
    name_debts(made, debts)
    made.fields |= {"amount": made.money(amount), "on": made.day(on)}
    more = [name for name, said in (("promised", promised), ("punctual", punctual)) if said]
    opening = (made.say("thank_you", "opening"), *(made.say("thank_you", name) for name in more))
    return _whole(made, party, "thank_you", Said(opening, contact=made.say("thank_you", "contact")), channel, debts)


def prenotice(
    party: Party,
    amount: Decimal,
    due: date,
    mandate: str,
    creditor_id: str | None,
    scheme: str,
    account: str,
    debts: Sequence[Debt],
    *,
    channel: str = "email",
    key: str = "",
    voice: str | None = None,
    firmness: int = _NONE,
) -> Content:
    """What announces a SEPA direct debit: amount, day, mandate reference, creditor identifier; `scheme` is CORE or B2B.

    `account` is the account to be debited, as much of it as may be shown. When it goes out is the caller's: at least 14 calendar days
    before the due date unless another time is agreed (European Payments Council, SEPA Direct Debit Core Rulebook, EPC016-06). A refund
    within eight weeks is a right under Core (Directive (EU) 2015/2366, articles 76 and 77). Raises Missing.
    """
    made = _pen(party._replace(pay=None), "prenotice", key, voice, firmness)
    name_debts(made, debts)
    made.fields |= {
        "amount": made.money(amount),
        "due": made.day(due),
        "mandate": mandate,
        "creditor_id": creditor_id or "",
        "account": account,
    }
    lines = [
        Line("invoice", (debt.number, made.short_day(debt.issued), made.short_day(debt.due), made.money(debt.amount + debt.charges)))
        for debt in debts
    ]
    lines.append(Line("total", (made.say("prenotice", "total"), "", "", made.money(amount))))
    columns = tuple(made.say("columns", name) for name in ("number", "issued", "due", "booked"))
    remarks = (made.say("prenotice", "details"), made.say("prenotice", "right_b2b" if scheme.upper() == "B2B" else "right_core"))
    said = Said((made.say("prenotice", "opening"),), Table(columns, tuple(lines)), remarks, contact=made.say("prenotice", "contact"))
    return _whole(made, party, "prenotice", said, channel, debts)


def _pen(party: Party, document: str, key: str, voice: str | None, firmness: int) -> Pen:
    return pen(party, key, fitting(voice, document, firmness))


def _whole(made: Pen, party: Party, document: str, said: Said, channel: str, debts: Sequence[Debt]) -> Content:
    """The document with what all of them have: greeting, links, closing, check code."""
    short = aloud.short(made, (document, "short"), debts, channel)
    return Content(
        document=document,
        language=made.language,
        subject=capital(made.say(document, "subject")),
        greeting=made.say("frame", "greeting"),
        opening=said.opening,
        table=said.table,
        remarks=said.remarks,
        transfer=said.transfer,
        links=links(made),
        contact=said.contact,
        closing=made.say("frame", "closing"),
        signature=signature(party.creditor),
        short=short,
        spoken=aloud.plain(f"{made.say('spoken', 'hello')} {' '.join(said.opening)} {made.say('spoken', 'phone')}"),
        script="\n".join((made.say("script", "hello"), *said.opening, *_told(said.remarks), made.say("script", "bye"))),
        code=made.fields["code"],
        check=made.say("frame", "check") if made.fields["code"] else "",
        template=made.template,
    )


def _told(remarks: Sequence[str]) -> Iterator[str]:
    """What can be said at the telephone: not the lines to sign on."""
    return (remark for remark in remarks if "\n" not in remark)


KINDS: Mapping[str, Callable[..., Content]] = {
    "statement": statement,
    "plan": plan_agreement,
    "thank_you": thank_you,
    "prenotice": prenotice,
}
"""The documents that are no action's, by their names."""


def of(kind: str, party: Party, **what: Any) -> Content:
    """A document of a kind, with what its function takes.

    Raises Missing; ReceivablesError where there is no such kind.
    """
    if kind not in KINDS:
        raise ReceivablesError(f"{kind!r} is no document; take one of {', '.join(KINDS)}")
    return KINDS[kind](party, **what)
