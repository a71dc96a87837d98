"""Disputes, promises and payment plans about the invoices: what they were, and every change of state; stages of the invoices too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, Table, select

from einvoice.receivables.documents.words import day, money
from einvoice.receivables.handover.brief import Brief, File
from einvoice.receivables.handover.texts import headed, json_file, text_file
from einvoice.receivables.handover.words import say, title
from einvoice.receivables.store.tables import DISPUTES, HISTORY, PLAN_TERMS, PLANS, PROMISES


def cases(brief: Brief) -> Iterator[File]:
    """What was disputed, promised and agreed, for programs and for people."""
    disputes = [row for row in _rows(brief, DISPUTES) if row.invoice_id in brief.ids]
    promises = [row for row in _rows(brief, PROMISES) if brief.ids & set(row.invoices)]
    plans = [row for row in _rows(brief, PLANS) if brief.ids & set(row.invoices)]
    numbers = {row.id: row.number for row in brief.invoices}
    told = {
        "disputes": [_dispute(brief, row, numbers) for row in disputes],
        "promises": [_promise(brief, row, numbers) for row in promises],
        "plans": [_plan(brief, row, numbers) for row in plans],
        "invoices": [{"invoice": row.number, "stage": row.stage, "history": _history(brief, "invoice", row.id)} for row in brief.invoices],
    }
    yield json_file("cases/history.json", told, "cases")
    lines = [line for kind in ("disputes", "promises", "plans") for case in told[kind] for line in _lines(brief, case)]
    lines = lines or [say(brief.language, "none")]
    yield text_file("cases/history.txt", headed(title(brief.language, "cases"), lines), "cases")


def _rows(brief: Brief, table: Table) -> Sequence[Row[Any]]:
    return brief.connection.execute(select(table).where(table.c.debtor_id == brief.debtor.id).order_by(table.c.id)).all()


def _history(brief: Brief, kind: str, case: int) -> list[dict[str, Any]]:
    query = select(HISTORY).where(HISTORY.c.kind == kind, HISTORY.c.case_id == case).order_by(HISTORY.c.id)
    return [
        {"was": row.was, "became": row.became, "on": row.on, "at": row.at, "by": row.by, "note": row.note}
        for row in brief.connection.execute(query).all()
    ]


def _dispute(brief: Brief, row: Row[Any], numbers: dict[int, str]) -> dict[str, Any]:
    return {
        "kind": "dispute",
        "invoices": [numbers[row.invoice_id]],
        "category": row.category,
        "state": row.state,
        "amount": row.amount,
        "opened_on": row.opened_on,
        "closed_on": row.closed_on,
        "outcome": row.outcome,
        "text": row.text,
        "history": _history(brief, "dispute", row.id),
    }


def _promise(brief: Brief, row: Row[Any], numbers: dict[int, str]) -> dict[str, Any]:
    return {
        "kind": "promise",
        "invoices": [numbers[one] for one in row.invoices if one in numbers],
        "state": row.state,
        "amount": row.amount,
        "currency": row.currency,
        "made_on": row.made_on,
        "by": row.by,
        "paid": row.paid,
        "history": _history(brief, "promise", row.id),
    }


def _plan(brief: Brief, row: Row[Any], numbers: dict[int, str]) -> dict[str, Any]:
    terms = brief.connection.execute(select(PLAN_TERMS).where(PLAN_TERMS.c.plan_id == row.id).order_by(PLAN_TERMS.c.number)).all()
    return {
        "kind": "plan",
        "invoices": [numbers[one] for one in row.invoices if one in numbers],
        "state": row.state,
        "total": row.total,
        "currency": row.currency,
        "proposed_on": row.proposed_on,
        "proposed_by": row.proposed_by,
        "terms": [{"number": term.number, "due": term.due, "amount": term.amount, "paid": term.paid} for term in terms],
        "history": _history(brief, "plan", row.id),
    }


def _lines(brief: Brief, case: dict[str, Any]) -> Iterator[str]:
    language = brief.language
    yield f"{case['kind']}  {', '.join(case['invoices'])}  {case.get('category', '')}  {case['state']}".replace("    ", "  ")
    for term in case.get("terms", ()):
        amount, paid = (money(term[name], case["currency"], language) for name in ("amount", "paid"))
        yield f"  {term['number']}. {day(term['due'], language)}  {amount}  ({paid})"
    for change in case["history"]:
        note = f"  {change['note']}" if change["note"] else ""
        yield f"  {change['on']}  {change['was'] or ''} → {change['became']}  ({change['by']}){note}"
    yield ""
