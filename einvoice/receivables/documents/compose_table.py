"""The table of what is owed, and the amounts and days that notices of the law name."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from einvoice.money import ZERO
from einvoice.receivables.documents.compose_pen import Pen
from einvoice.receivables.documents.content import Line, Table
from einvoice.receivables.documents.parties import Debt, Facts, Missing

_COLUMNS = ("number", "issued", "due", "amount")
_POSTED = frozenset({"letter", "registered_letter"})


def owed(facts: Facts) -> Decimal:
    """What is to be paid, interest and costs with it."""
    return sum((debt.amount + debt.charges for debt in facts.debts), ZERO)


def table(facts: Facts, pen: Pen) -> Table:
    """The invoices, then interest and costs, then the total."""
    lines = [
        Line("invoice", (debt.number, pen.short_day(debt.issued), pen.short_day(debt.due), pen.money(debt.amount))) for debt in facts.debts
    ]
    lines += charges(facts, pen)
    lines.append(Line("total", (pen.say("words", "total"), "", "", pen.money(owed(facts)))))
    return Table(tuple(pen.say("columns", name) for name in _COLUMNS), tuple(lines))


def charges(facts: Facts, pen: Pen) -> Iterator[Line]:
    """Interest and costs: what was claimed before, then what is new."""
    action = facts.action
    if not action.charges and not any(claimed.charges for claimed in action.invoices):
        return
    numbers = {claimed.invoice: claimed.number for claimed in action.invoices}
    for claimed in action.invoices:
        new = sum((charge.amount + charge.vat for charge in action.charges if charge.invoice == claimed.invoice), ZERO)
        if claimed.charges != new:
            label = pen.say("charge", "earlier", number=claimed.number)
            yield Line("earlier", (label, "", "", pen.money(claimed.charges - new)))
    for charge in action.charges:
        until = pen.day(charge.until) if charge.until else ""
        label = pen.say("charge", charge.kind, number=numbers[charge.invoice], until=until)
        yield Line(charge.kind, (label, "", "", pen.money(charge.amount)))
        if charge.vat:
            yield Line("vat", (pen.say("words", "vat"), "", "", pen.money(charge.vat)))


def notice(facts: Facts, pen: Pen, name: str, channel: str) -> str:
    """A statutory notice, with everything that the law wants in it. Raises Missing."""
    starts = "starts_post" if channel in _POSTED else "starts_email"
    return pen.say(
        "notice",
        name,
        announced=announced(facts, pen),
        description=lambda: described(facts.debts, pen, wanted=name),
        starts=pen.say("words", starts),
    )


def announced(facts: Facts, pen: Pen) -> str:
    """The costs that will be owed, to the cent; empty where none are announced."""
    announces = facts.action.announces
    if not announces:
        return ""
    vat = sum((charge.vat for charge in announces), ZERO)
    amount = pen.money(sum((charge.amount for charge in announces), vat))
    return pen.say("words", "announced_vat", amount=amount, vat=pen.money(vat)) if vat else amount


def described(debts: tuple[Debt, ...], pen: Pen, wanted: str | None = None) -> str:
    """What was bought, with number and days of its invoice; `wanted` names the notice that cannot be given without."""
    return "; ".join(_described(debt, pen, wanted) for debt in debts)


def _described(debt: Debt, pen: Pen, wanted: str | None) -> str:
    if wanted and not debt.what:
        raise Missing(f"what was bought (product or category) of invoice {debt.number}", wanted)
    fields = {"what": debt.what or "", "number": debt.number, "issued": pen.day(debt.issued), "due": pen.day(debt.due)}
    return pen.say("words", "description", **fields)
