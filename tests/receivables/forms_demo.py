"""Documents of the demo: everything that its outbox holds read back, and every kind composed from its debtors in four languages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from einvoice.database import open_database, reading
from einvoice.receivables import statement
from einvoice.receivables.actions import Action
from einvoice.receivables.documents import compose_papers as papers
from einvoice.receivables.documents.agreements import Term
from einvoice.receivables.documents.compose import content
from einvoice.receivables.documents.facts import facts, load, party, reached
from einvoice.receivables.documents.parties import Debt
from einvoice.receivables.documents.words import LANGUAGES
from einvoice.receivables.store.bodies import action_from_json
from einvoice.receivables.store.tables import ACTIONS, INVOICES
from einvoice.rendering.house import House
from tests.receivables.forms_samples import Case, squeezed, wrong
from tests.receivables.letters import boxes, codes, mail, parts, written

DAY = date(2026, 11, 27)
FORMAL = ("aanmaning", "notice_of_default", "legal_letter")
NOTICES = ("nl-14-day-letter", "be-free-reminder")
PAGES = "https://pay.acme.example"


def sent(folder: Path) -> tuple[Counter[str], list[str]]:
    """What the outbox of a demo holds: how many of each channel, and what is wrong with them when they are read back."""
    counts: Counter[str] = Counter()
    faults: list[str] = []
    for manifest in sorted((folder / "outbox").rglob("*.json")):
        said = json.loads(manifest.read_text("utf-8"))
        if "letter" not in said:
            continue
        data = (manifest.parent / said["letter"]).read_bytes()
        counts[said["channel"]] += 1
        found = _letter(data, said) if said["type"] == "application/pdf" else _mail(data, said) if said["channel"] == "email" else []
        faults += [f"{said['key']}: {fault}" for fault in found]
    return counts, faults


def _letter(data: bytes, said: dict[str, Any]) -> list[str]:
    text = squeezed(written(data))
    found = [f"lacks {part!r}" for part in (*said["address"], said["code"], said["title"]) if squeezed(part) not in text]
    out = [box for box in boxes(data) if min(box.left, box.top, 210 - box.right, 297 - box.bottom) < 5]
    return [*found, *(["texts outside"] if out else []), *_codes(codes(data), said)]


def _mail(data: bytes, said: dict[str, Any]) -> list[str]:
    found = []
    for kind in ("plain", "html"):
        body = mail(data).get_body((kind,))
        if body is None or said["code"] not in body.get_content():
            found.append(f"no {kind} with its code")
    kinds = [kind for kind, _, _ in parts(data)]
    return found + ([] if kinds[:2] == ["text/plain", "text/html"] else [f"parts {kinds}"])


def _codes(read: list[str], said: dict[str, Any]) -> list[str]:
    if said["currency"] != "EUR":
        return []
    stated = [(text.split("\n")[6], text.split("\n")[7]) for text in read]
    return [] if stated == [(said["iban"], f"EUR{said['amount']}")] else [f"codes {stated}"]


def composed(folder: Path, house: House) -> tuple[Counter[str], list[str]]:
    """Every kind of document about debtors of a demo, in every language, as mail, letter and text; what is wrong when it is read back."""
    counts: Counter[str] = Counter()
    faults: list[str] = []
    engine = open_database(f"sqlite:///{folder / 'demo.db'}")
    try:
        with reading(engine) as connection:
            for case in (*_actions(connection), *_papers(connection)):
                faults += [f"{case.name}: {fault}" for fault in wrong(case, house)]
                counts[case.name.rpartition(" ")[2]] += 1
                counts["kinds"] += case.name.endswith(" en")
    finally:
        engine.dispose()
    return counts, faults


def _actions(connection: Connection) -> Iterator[Case]:
    rows = connection.execute(select(ACTIONS).order_by(ACTIONS.c.id)).all()
    actions = [action for row in rows if (action := action_from_json(row.body)).invoices and action.kind == "message"]
    euros = [action for action in actions if action.currency == "EUR"]
    with_costs = next((action for action in euros if action.charges), euros[0])
    for name, action in _kinds(euros, with_costs):
        found = load(connection, action.creditor, [action], None, PAGES)
        contact = reached(found, action.debtor, None, "general", "email") or reached(found, action.debtor, None, "general", "letter")
        for language in LANGUAGES:
            given = facts(found, action._replace(language=language), contact, "k:1")
            yield Case(f"{name} {language}", *(content(given, channel, f"{name}:{channel}") for channel in ("email", "letter")))


def _kinds(actions: list[Action], with_costs: Action) -> Iterator[tuple[str, Action]]:
    """A reminder of each firmness and before the due date, and what is formal, each about another debtor as far as there are enough."""
    turns = iter(actions * 20)
    for firmness in range(5):
        yield f"reminder {firmness}", next(turns)._replace(document="reminder", firmness=firmness, offset=7)
    yield "before due", next(turns)._replace(document="reminder", firmness=0, offset=-1)
    for document in FORMAL:
        yield document, next(turns)._replace(document=document, firmness=3)
    for notice in NOTICES:
        yield notice, with_costs._replace(document="statutory_notice", firmness=3, notice=notice, announces=with_costs.charges)


def _papers(connection: Connection) -> Iterator[Case]:
    """Documents that are no action's, about the debtor with the most open invoices."""
    rows = connection.execute(select(INVOICES).where(INVOICES.c.open > 0, INVOICES.c.currency == "EUR").order_by(INVOICES.c.id)).all()
    debtor = Counter(row.debtor_id for row in rows).most_common(1)[0][0]
    mine = [row for row in rows if row.debtor_id == debtor]
    creditor = mine[0].creditor_id
    base, _, _ = party(connection, creditor, debtor)
    debts = [Debt(row.number, row.issued, row.due, row.open, reference=row.reference, what=row.product) for row in mine]
    total = sum((debt.amount for debt in debts), start=debts[0].amount - debts[0].amount)
    account = next(one for one in statement.read(connection, creditor, debtor, None, DAY).accounts if one.currency == "EUR")
    booked = [papers.Booked(row.day, row.kind, row.number, row.amount, row.due) for row in account.rows]
    half = (total / 2).quantize(debts[0].amount)
    terms = [Term(DAY + timedelta(days=14), half), Term(DAY + timedelta(days=44), total - half)]
    for language in LANGUAGES:
        to = base._replace(language=language)
        made = {
            "statement": [papers.statement(to, booked, DAY, DAY, account.opening, channel=by, key="s") for by in ("email", "letter")],
            "plan": [papers.plan_agreement(to, terms, debts, 5, channel=by, key="p") for by in ("email", "letter")],
            "thank_you": [papers.thank_you(to, total, debts, DAY, punctual=True, channel=by, key="t") for by in ("email", "letter")],
        }
        yield from (Case(f"{name} {language}", *pair) for name, pair in made.items())
