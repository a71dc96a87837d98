"""Disputes, promises, payment plans and write-off: state machines, owners, clocks, terms to the cent, what a response means."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from time import perf_counter
from typing import TYPE_CHECKING, Any

from tests.evidence import Figure, figure, scaled
from tests.evidence.databases import postgresql, sqlite

if TYPE_CHECKING:
    pass


@figure("case-machines", bar="holds, history, events agree with an oracle in any order of events, SQLite and PostgreSQL", item=6)
def case_machines() -> Figure:
    """Hypothesis state machines of disputes (companies, consumers), promises, payment plans."""
    from tests.receivables.cases_disputes import ConsumerDisputes, Disputes
    from tests.receivables.cases_machine import drive
    from tests.receivables.cases_money import PaymentPlans, Promises

    done: Counter[str] = Counter()
    for base, examples in ((sqlite, scaled(200)), (postgresql, scaled(30))):
        for machine in (Disputes, ConsumerDisputes, Promises, PaymentPlans):
            with base() as engine:
                done += drive(machine, engine, examples)
    reached = {name for name in done if "." in name}
    wanted = {
        "disputes.escalated",
        "promises.kept",
        "promises.partial",
        "promises.broken",
        "plans.completed",
        "plans.grace",
        "plans.broken",
    }
    return Figure(", ".join(f"{name} {count:,}" for name, count in sorted(done.items())), wanted <= reached)


@figure("plan-terms-cent", bar="terms sum to the debt, every limit holds, a plan wherever two terms fit; EUR, SEK, JPY, KWD", item=6)
def plan_terms() -> Figure:
    from hypothesis import HealthCheck, Phase, given, seed, settings

    from einvoice.receivables.cases.schedule import proposal
    from tests.receivables.cases_debts import Debt, debts, faults

    found: Counter[str] = Counter()

    def measure(debt: Debt) -> None:
        made = proposal(debt.policy, _Payer(debt.pay_day), debt.total, debt.day, debt.currency)
        found.update(["debts", f"{'with' if made else 'without'} a plan", *(f"fault: {fault}" for fault in faults(debt))])

    quick = settings(max_examples=scaled(50_000), deadline=None, database=None, phases=[Phase.generate])
    quick = settings(quick, suppress_health_check=list(HealthCheck))
    seed(6)(quick(given(debts())(measure)))()
    wrong = [name for name in found if name.startswith("fault")]
    return Figure(", ".join(f"{count:,} {name}" for name, count in sorted(found.items())), found["with a plan"] > 0 and not wrong)


class _Payer:
    def __init__(self, pay_day: int | None) -> None:
        self.pay_day = pay_day


@figure("responses-mapped", bar="every status, reason and action does what the design says, once a message", item=6)
def responses() -> Figure:
    from tests.receivables.cases_responses import ACTIONS, REASONS, STATUSES, wrong

    tried, faults = 0, []
    with sqlite() as engine:
        for status in STATUSES:
            for reason in (None, *REASONS):
                for action in (None, *ACTIONS):
                    if (status in ("UQ", "CA", "RE") and reason is None) or (status not in ("UQ", "CA", "RE", "PD") and reason):
                        continue
                    tried += 1
                    faults += [f"{status} {reason} {action}: {fault}" for fault in wrong(engine, status, reason, action)]
    return Figure(f"{tried} combinations, {len(faults)} faults {faults[:3]}", tried > 200 and not faults)


@figure("owner-always", bar="in any organisation no open dispute lacks an active owner; refused only where nobody is active", item=6)
def owners() -> Figure:
    from tests.receivables.cases_books import undone
    from tests.receivables.cases_organisations import trial

    done: Counter[str] = Counter()
    with sqlite() as engine:
        for number in range(scaled(1_000)):
            with undone(engine) as connection:
                done.update(trial(connection, random.Random(number)))
    faults = {name: count for name, count in done.items() if name.startswith("fault")}
    text = ", ".join(f"{name} {count:,}" for name, count in sorted(done.items()))
    return Figure(text, not faults and all(done[name] for name in ("opened", "refused", "handed over", "to a deputy")))


@figure("clocks-idempotent", bar="a second tick of a day moves nothing; a case that fails stops no other and is moved once mended", item=6)
def clocks() -> Figure:
    from einvoice.database import connect
    from einvoice.receivables.cases.clocks import tick
    from tests.receivables.cases_books import POLICY, at
    from tests.receivables.cases_crowd import broken, crowd

    moved: Counter[str] = Counter()
    again: Counter[str] = Counter()
    seconds = 0.0
    with sqlite() as engine:
        with connect(engine) as connection:
            creditor, cases = crowd(connection, scaled(3_000))
        for day in range(0, 61, 3):
            with connect(engine) as connection, broken(day == 9):
                begun = perf_counter()
                moved.update(tick(connection, creditor, POLICY, at(day).day, at(day).now))
                seconds += perf_counter() - begun
            if day != 9:
                with connect(engine) as connection:
                    again.update(tick(connection, creditor, POLICY, at(day).day, at(day).now))
    failed = moved.pop("failed", 0)
    ended = sum(moved[name] for name in ("promises.kept", "promises.partial", "promises.broken"))
    text = f"{cases:,} cases, 21 ticks in {seconds:.1f} s: {dict(sorted(moved.items()))}, failed on day 9 and then moved: {failed}"
    holds = not again and failed > 0 and ended * 3 == cases and moved["disputes.escalated"] * 3 == cases
    return Figure(f"{text}; second ticks moved {sum(again.values())}", holds)


@figure("dispute-sla", bar="each category escalates once, the day after its time; companies resume, for consumers a person decides", item=6)
def sla() -> Figure:
    from einvoice.receivables.cases import disputes
    from einvoice.receivables.cases.categories import DAYS
    from einvoice.receivables.cases.clocks import tick
    from tests.receivables.cases_books import POLICY, at, held, here, told, undone

    tried, faults = 0, []
    with sqlite() as engine:
        for kind in ("b2b", "b2c", "public"):
            for category, days in DAYS.items():
                with undone(engine) as connection:
                    found = here(connection, kind=kind)
                    disputes.register(connection, disputes.Objection(found.invoices[0], category), POLICY, at())
                    held_on, escalated = [], []
                    for day in range(days + 5):
                        counts = tick(connection, found.creditor, POLICY, at(day).day, at(day).now)
                        escalated += [day] * counts.get("disputes.escalated", 0)
                        held_on += [day] if held(connection, at(day).day) else []
                    expected = list(range(days + 1 if kind == "b2b" else days + 5))
                    tried += 1
                    if escalated != [days + 1] or held_on != expected or told(connection)["dispute.escalated"] != 1:
                        faults.append(f"{kind} {category}: {escalated} {held_on[-1:]}")
    return Figure(f"{tried} combinations of debtor and category, {len(faults)} wrong {faults[:3]}", tried == 27 and not faults)


@figure(
    "deliveries-counted", bar="a contact counts once an action, by the rule of its channel, never after a bounce or in rehearsal", item=6
)
def counted() -> Figure:
    from datetime import UTC, date, datetime
    from types import SimpleNamespace

    from einvoice.receivables.cases.deliveries import delivered_on

    sent = datetime(2026, 11, 6, 9, 30, tzinfo=UTC)
    wanted: dict[tuple[str, str, str | None], Any] = {
        ("email", "sent", None): sent + timedelta(hours=72),
        ("letter", "sent", None): datetime(2026, 11, 13, tzinfo=UTC),
        ("registered_letter", "sent", None): datetime(2026, 11, 13, tzinfo=UTC),
        ("sms", "sent", None): None,
        ("sms", "delivered", None): sent,
        ("whatsapp", "sent", None): None,
        ("email", "sent", "me@here.example"): None,
    }
    faults, tried = [], 0
    for (channel, state, redirected), first in wanted.items():
        what = {"channel": channel, "state": state, "sent_on": sent.date(), "sent_at": sent, "redirected": redirected, "country": "BE"}
        for hours in range(24 * 30):
            now = sent + timedelta(hours=hours)
            tried += 1
            day: date = now.date()
            if (delivered_on(SimpleNamespace(**what), day, now) is not None) != (first is not None and now >= first):
                faults.append(f"{channel} {state} after {hours} h")
    return Figure(f"{tried:,} hours of {len(wanted)} kinds of message, {len(faults)} wrong {faults[:3]}", not faults)


@figure(
    "write-off-reversible",
    bar="whatever was paid, charged or written off before: back to the cent and to the stage, entries sum to zero",
    item=6,
)
def written_off() -> Figure:
    from sqlalchemy import func, select

    from einvoice.receivables.cases.writeoff import reinstate, write_off
    from einvoice.receivables.store.tables import ENTRIES, INVOICES
    from tests.receivables.cases_books import at, here, pay, undone

    trials, faults = scaled(300), 0
    with sqlite() as engine:
        for number in range(trials):
            chance = random.Random(number)
            with undone(engine) as connection:
                found = here(connection)
                invoice = found.invoices[1]
                if paid := Decimal(chance.randrange(0, 100_000)).scaleb(-2):
                    pay(connection, found, invoice, paid, at())
                stage = chance.choice(["open", "final", "handed_over"])
                connection.execute(INVOICES.update().where(INVOICES.c.id == invoice).values(stage=stage))
                stands = select(INVOICES.c.open, INVOICES.c.charges, INVOICES.c.stage).where(INVOICES.c.id == invoice)
                before = connection.execute(stands).one()
                for _ in range(chance.randrange(1, 4)):
                    write_off(connection, invoice, "too little", at(1))
                    gone = connection.execute(stands).one()
                    reinstate(connection, invoice, "it paid", at(1))
                    same = connection.execute(stands).one() == before
                    balance = connection.scalar(select(func.sum(ENTRIES.c.amount, type_=ENTRIES.c.amount.type)))
                    faults += not (same and gone[0] == 0 and gone[2] == "written_off" and balance == 0)
    return Figure(f"{trials} invoices, {faults} faults", not faults)


@figure(
    "early-discount",
    bar="paid by the discount's last day but for the discount: settled; a day later or a cent less: the rest stays",
    item=6,
)
def early_discount() -> Figure:
    from sqlalchemy import select

    from einvoice.receivables.cases.clocks import tick
    from einvoice.receivables.policy.model import Discount
    from einvoice.receivables.store.tables import INVOICES
    from tests.receivables import books
    from tests.receivables.cases_books import POLICY, at, here, pay, undone

    tried, faults = 0, []
    with sqlite() as engine:
        for percent in (2, 3):
            for within in (7, 14):
                policy = POLICY.model_copy(update={"discounts": (Discount(percent=Decimal(percent), within_days=within),)})
                for day in range(within + 3):
                    for short in (Decimal(0), Decimal("0.01")):
                        with undone(engine) as connection:
                            found = here(connection)
                            invoice = books.invoice(connection, found.debtor, "D", "100.00", issued=at().day, due=at(30).day)
                            pay(connection, found, invoice, Decimal(100 - percent) - short, at(day))
                            counts = tick(connection, found.creditor, policy, at(day).day, at(day).now)
                            left = connection.scalar(select(INVOICES.c.open).where(INVOICES.c.id == invoice))
                            earned = day <= within and not short
                            tried += 1
                            if left != (0 if earned else percent + short) or bool(counts) != earned:
                                faults.append(f"{percent} % within {within} days, day {day}, {short} short: {left} left")
    return Figure(f"{tried} payments, {len(faults)} wrong {faults[:3]}", tried > 0 and not faults)
