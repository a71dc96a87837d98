"""What happened to disputes, plans, promises and debtors."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from einvoice.events.parts import Amount, Category, Currency, Event, Id, Term


class DisputeEvent(Event):
    """A debtor's objection to an invoice; `amount` is the disputed part, None where it is the whole."""

    dispute: Id
    debtor: Id
    invoice: Id
    category: Category
    amount: Amount | None = None
    currency: Currency | None = None


class DisputeOpened(DisputeEvent):
    """Follow-up stops; an answer is due on `answer_due`."""

    type: Literal["dispute.opened"] = "dispute.opened"
    answer_due: date
    owner: Id
    text: str | None = None


class DisputeResolved(DisputeEvent):
    """It ended; `credit_note` is the store's id of what was credited."""

    type: Literal["dispute.resolved"] = "dispute.resolved"
    outcome: Literal["credited", "accepted", "rejected", "withdrawn"]
    credit_note: Id | None = None


class DisputeEscalated(DisputeEvent):
    """Its time passed without an answer; `resumed` says whether follow-up goes on meanwhile."""

    type: Literal["dispute.escalated"] = "dispute.escalated"
    answer_due: date
    owner: Id
    resumed: bool


class PlanEvent(Event):
    """A payment plan over some invoices of a debtor."""

    plan: Id
    debtor: Id
    invoices: tuple[Id, ...]
    currency: Currency


class PlanAgreed(PlanEvent):
    """Both sides agreed; the terms sum to the debt."""

    type: Literal["plan.agreed"] = "plan.agreed"
    terms: Annotated[tuple[Term, ...], Field(min_length=1)]


class PlanKept(PlanEvent):
    """Its last term was paid."""

    type: Literal["plan.kept"] = "plan.kept"
    paid: Amount


class PlanBroken(PlanEvent):
    """A term was missed and its grace passed; `open` is what is still owed."""

    type: Literal["plan.broken"] = "plan.broken"
    missed: Term
    open: Amount


class PromiseEvent(Event):
    """A debtor's word to pay an amount by a day."""

    promise: Id
    debtor: Id
    invoices: tuple[Id, ...]
    amount: Amount
    currency: Currency
    by: date


class PromiseMade(PromiseEvent):
    """Follow-up waits for it."""

    type: Literal["promise.made"] = "promise.made"


class PromiseKept(PromiseEvent):
    """The amount came in time."""

    type: Literal["promise.kept"] = "promise.kept"


class PromiseBroken(PromiseEvent):
    """The day and its tolerance passed; `paid` is what came."""

    type: Literal["promise.broken"] = "promise.broken"
    paid: Amount


class DebtorDowngraded(Event):
    """A debtor's credit score fell from `was` to `score`. Scores run from 0 to 100, 100 is best."""

    type: Literal["debtor.downgraded"] = "debtor.downgraded"
    debtor: Id
    score: Annotated[int, Field(ge=0, le=100)]
    was: Annotated[int, Field(ge=0, le=100)]
