"""An invented message to try words on: nobody owes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from einvoice.errors import ReceivablesError
from einvoice.receivables.actions import Action, Charge, Claimed, Message, Why
from einvoice.receivables.documents import compose_papers as papers
from einvoice.receivables.documents.agreements import Agreement, Term
from einvoice.receivables.documents.compose import REMINDER, content
from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.parties import Debt, Facts, Party
from einvoice.receivables.documents.templates import Templates
from einvoice.receivables.documents.words import spoken
from einvoice.receivables.policy.model import SEVERE

DAY = date(2026, 11, 30)
DUE = date(2026, 9, 30)
KEY = "sample"
CREDITOR: Mapping[str, Any] = {
    "name": "Sample Trading NV",
    "legal_id": "0123.456.749",
    "email": "accounts@sample.example",
    "phone": "+32 2 000 00 00",
    "iban": "BE71096123456769",
    "bic": "GKCCBEBB",
    "address": {"street": "Main Street 1", "postcode": "1000", "city": "Brussels", "country": "BE"},
    "language": "en",
    "sepa_id": "BE68ZZZ0123456789",
    "secret": "no secret, for a sample only",
}
PORTAL, PAY = "https://my.sample.example", f"https://pay.sample.example/pay/{'a' * 32}"
DEBTS = (
    Debt("2026-0117", date(2026, 8, 31), DUE, Decimal("1210.00"), Decimal("14.32"), "+++090/9337/55493+++", "Coffee machines"),
    Debt("2026-0123", date(2026, 9, 15), date(2026, 10, 15), Decimal("96.80"), Decimal("0.85"), None, "Coffee subscription"),
)
AGREEMENTS = (
    Agreement("promise", "broken", date(2026, 10, 20), (1,), "EUR", date(2026, 11, 6), Decimal("1210.00")),
    Agreement("plan", "broken", date(2026, 9, 1), (1, 2), "EUR", date(2026, 10, 1), Decimal("403.33")),
    Agreement("answer", "rejected", date(2026, 10, 2), (2,), "EUR", date(2026, 10, 9)),
)
TERMS = (Term(date(2026, 12, 15), Decimal("653.48")), Term(date(2027, 1, 15), Decimal("653.49")))
_COSTS = (Charge(1, "costs", Decimal("181.50"), Decimal("38.12")),)
_NOBODY = Why("sample", "true", "sample")


def action(document: str, firmness: int, language: str, **changes: Any) -> Action:
    """An action about two invoices; `changes` are fields of it."""
    charges = tuple(Charge(number, "interest", debt.charges, until=DAY) for number, debt in enumerate(DEBTS, 1))
    invoices = tuple(Claimed(number, debt.number, debt.due, debt.amount, debt.charges) for number, debt in enumerate(DEBTS, 1))
    made = Action(
        kind="message", creditor=1, debtor=1, day=DAY, flow="sample", flow_version="sample", step="sample", offset=10,
        invoices=invoices, currency="EUR", amount=Decimal("1321.97"), messages=(Message("email", 1, "general"),), document=document,
        firmness=firmness, voice=None, language=language, contents=(), charges=charges, final=False, handover=None, notice=None,
        not_before=datetime(2026, 11, 30, 8, tzinfo=UTC), not_after=datetime(2026, 11, 30, 11, tzinfo=UTC), why=_NOBODY,
        policy="", rates="",
    )  # fmt: skip
    return made._replace(**changes)


def facts(
    document: str = "reminder",
    firmness: int = 1,
    language: str = "en",
    *,
    creditor: Mapping[str, Any] | None = None,
    templates: Templates | None = None,
    portal: str | None = PORTAL,
    pay: str | None = PAY,
    described: bool = True,
    **changes: Any,
) -> Facts:
    """What a sample message is made of: everything is known, unless `creditor`, `portal`, `pay`, `described` say otherwise."""
    debts = DEBTS if described else tuple(debt._replace(what=None) for debt in DEBTS)
    made = action(document, firmness, language, **({"announces": _COSTS} | changes if changes.get("notice") else changes))
    return Facts(made, creditor or CREDITOR, "Bakery Janssens", "Ann Janssens", debts, portal, "Ann", (), pay, templates)


def party(
    language: str = "en",
    *,
    creditor: Mapping[str, Any] | None = None,
    templates: Templates | None = None,
    portal: str | None = PORTAL,
    pay: str | None = PAY,
) -> Party:
    """Who writes to whom in a sample."""
    return Party(creditor or CREDITOR, "Bakery Janssens", "Ann Janssens", language, "EUR", "Ann", portal, pay, templates)


def paper(kind: str, about: Party, *, voice: str | None = None, channel: str = "email") -> Content:
    """A sample of a document that is no action's.

    Raises Missing; ReceivablesError where there is no such kind.
    """
    how: dict[str, Any] = {"voice": voice, "channel": channel, "key": KEY}
    if kind == "statement":
        rows = [papers.Booked(debt.issued, "invoice", debt.number, debt.amount, debt.due) for debt in DEBTS]
        rows.append(papers.Booked(date(2026, 10, 2), "payment", "", Decimal("-210.00")))
        return papers.statement(about, rows, date(2026, 8, 1), DAY, Decimal("50.00"), **how)
    if kind == "plan":
        return papers.plan_agreement(about, TERMS, DEBTS, 5, **how)
    if kind == "thank_you":
        return papers.thank_you(about, Decimal("1321.97"), DEBTS, DAY, punctual=True, promised=True, **how)
    if kind == "prenotice":
        creditor_id = about.creditor.get("sepa_id")
        return papers.prenotice(about, Decimal("1321.97"), date(2026, 12, 15), "M-2026-7", creditor_id, "CORE", "BE71 … 6769", DEBTS, **how)
    raise ReceivablesError(f"{kind!r} is no document of ours; take one of {', '.join(papers.KINDS)}")


def message(
    kind: str,
    language: str,
    voice: str | None,
    firmness: int,
    channel: str,
    templates: Templates,
    *,
    before: bool = False,
    notice: str | None = None,
    contents: tuple[str, ...] = (),
    agreements: tuple[Agreement, ...] = AGREEMENTS,
) -> Content:
    """A sample of any document, as it is shown.

    Raises Missing; ReceivablesError where there is no such document.
    """
    if kind in papers.KINDS:
        return paper(kind, party(language, templates=templates), voice=voice, channel=channel)
    kinds = (REMINDER, *(name for name in templates.words[spoken(language)].texts["opening"] if not name.isdigit() and name != "before"))
    if kind not in kinds:
        raise ReceivablesError(f"{kind!r} is no document; take one of {', '.join((*kinds, *papers.KINDS))}")
    grave = kind in SEVERE
    changes: dict[str, Any] = {"voice": voice, "offset": -1 if before else 10, "notice": notice, "contents": contents}
    made = facts(kind, max(firmness, 3) if grave else firmness, language, templates=templates, **changes)
    return content(made._replace(agreements=() if before else agreements), channel, KEY)
