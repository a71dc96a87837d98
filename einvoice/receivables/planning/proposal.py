"""One action out of a group of invoices that meet the same step: channels, hand-over, law, hours, what is stated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from einvoice.money import ZERO
from einvoice.receivables.actions import Action, Charge, Claimed, Note, Why
from einvoice.receivables.law.ruling import Asked, Ruling
from einvoice.receivables.planning.calendar import Window
from einvoice.receivables.planning.credit import Holds, notes_on
from einvoice.receivables.planning.explain import told
from einvoice.receivables.planning.grouping import Group
from einvoice.receivables.planning.handover import guarded
from einvoice.receivables.planning.languages import language
from einvoice.receivables.planning.morning import Morning
from einvoice.receivables.planning.recipients import Reached, Wanted, allowed_channels, reach
from einvoice.receivables.planning.steps import Line
from einvoice.receivables.policy import Chosen, skipped
from einvoice.receivables.policy.model import Step
from einvoice.receivables.snapshot import DebtorSnapshot

_NOTHING = Ruling()
_NONE: frozenset[str] = frozenset()
_REPAIR = Note("no-channel", "no channel of this step reaches the debtor: a person repairs the address")


class Draft(NamedTuple):
    """An action on its way: who, which invoices, by which channels; `task` is what a person has to do."""

    debtor: DebtorSnapshot
    chosen: Chosen
    holds: Holds
    group: Group
    line: Line
    arm: str | None
    step: Step
    reached: Reached
    handover: str | None
    task: str | None
    notes: tuple[Note, ...]
    left: tuple[Note, ...] = ()


class Refused(NamedTuple):
    """Why a group does not become an action today."""

    notes: tuple[Note, ...]


class Offer(NamedTuple):
    """The action of a group, if any, and what keeps back those of its invoices that are not in it."""

    action: Action | None
    left: tuple[Note, ...]


def propose(morning: Morning, debtor: DebtorSnapshot, chosen: Chosen, holds: Holds, group: Group) -> Offer:
    """The action that takes the step of a group today, or why there is none."""
    if (note := _too_small(morning, group)) is not None:
        return Offer(None, (note,))
    draft = _drafted(morning, debtor, chosen, holds, group)
    if isinstance(draft, Refused):
        return Offer(None, draft.notes)
    ruled = (draft, _NOTHING) if draft.task in ("decide", "repair_address") else _ruled(morning, draft)
    if isinstance(ruled, Refused):
        return Offer(None, ruled.notes)
    draft, ruling = ruled
    window = morning.calendar.window(debtor, morning.day, ruling.window)
    if window is None or (morning.now is not None and window.end <= morning.now):
        return Offer(
            None, (Note("window-passed", "the hours of contact are over for today" if window else "the law leaves no hour today"),)
        )
    return Offer(_action(morning, draft, ruling, window), draft.left)


def _too_small(morning: Morning, group: Group) -> Note | None:
    minimum = morning.policy.minimum
    if not minimum:
        return None
    currency, amount = group[0].invoice.currency, sum((one.amount for one in group), ZERO)
    worth = morning.worth(amount, currency)
    if worth is None:
        return Note("no-rate", f"the policy has no rate from {currency} to {morning.policy.currency}; add it to `exchange`")
    return Note("minimum", f"{amount} {currency} is less than the policy's minimum of {minimum}") if worth < minimum else None


def _drafted(morning: Morning, debtor: DebtorSnapshot, chosen: Chosen, holds: Holds, group: Group) -> Draft | Refused:
    line = group[0].line
    arm, step = morning.as_arm(line, debtor)
    reached = _reached(morning, debtor, step)
    if isinstance(reached, Refused):
        return reached
    agency = step.handover or (None if reached.messages else step.or_handover)
    if agency is None:
        task = "repair_address" if not reached.messages else "call" if any(one.channel == "call" for one in reached.messages) else None
        notes = (_REPAIR,) if not reached.messages else ()
        return Draft(debtor, chosen, holds, group, line, arm, step, reached, None, task, notes)
    guard = guarded(morning, debtor, chosen.segment, group, agency)
    if not guard.group:
        return Refused(guard.held)
    handover, task = (None, "decide") if guard.decide else (agency, None)
    reached = Reached((), reached.notes) if guard.decide else reached
    return Draft(debtor, chosen, holds, guard.group, line, arm, step, reached, handover, task, guard.notes, guard.held)


def _reached(morning: Morning, debtor: DebtorSnapshot, step: Step) -> Reached | Refused:
    wanted = Wanted(step.all_of, step.any_of)
    leave = skipped(morning.policy, step, debtor, morning.day, morning.law.no_call) if step.skip_channels_when else _NONE
    if isinstance(leave, Note):
        return Refused((leave,))
    if leave:
        rest = Wanted(*(tuple(channel for channel in each if channel not in leave) for each in wanted))
        wanted = rest if rest.all_of or rest.any_of else wanted
    every = {*wanted.all_of, *wanted.any_of, *step.fallback}
    return reach(step, wanted, debtor, allowed_channels(debtor, every, morning.policy.consent_required, leave))


def _ruled(morning: Morning, draft: Draft) -> tuple[Draft, Ruling] | Refused:
    """What the law says of the group; where it holds the whole, of the invoices that it lets go alone."""
    ruling = _asked(morning, draft)
    note = _held_by(morning, ruling)
    if note is None:
        return draft, ruling
    free = [one for one in draft.group if len(draft.group) > 1 and _held_by(morning, _asked(morning, draft._replace(group=(one,)))) is None]
    if free:
        draft = draft._replace(group=free, left=(*draft.left, note))
        ruling = _asked(morning, draft)
        again = _held_by(morning, ruling)
        if again is None:
            return draft, ruling
    return Refused((note, *ruling.notes))


def _asked(morning: Morning, draft: Draft) -> Ruling:
    step = draft.step
    invoices = tuple(one.invoice if one.asks is None else one.invoice._replace(open=one.amount) for one in draft.group)
    channels = tuple(message.channel for message in draft.reached.messages)
    claims = step.claimed if morning.claims else "none"
    return morning.law.rule(Asked(draft.debtor, invoices, morning.day, step.document, claims, channels, draft.handover is not None))


def _held_by(morning: Morning, ruling: Ruling) -> Note | None:
    if ruling.veto is not None:
        return ruling.veto
    if ruling.not_before is not None and ruling.not_before > morning.day:
        return Note("law-delay", f"the law allows it from {ruling.not_before}", until=ruling.not_before - timedelta(days=1))
    return None


def _action(morning: Morning, draft: Draft, ruling: Ruling, window: Window) -> Action:
    line, debtor, step = draft.line, draft.debtor, draft.step
    invoices, amount = _claimed(draft.group, ruling.charges)
    voice, refusal = _voice(morning, draft)
    return Action(
        kind="handover" if draft.handover else "message" if _writes(draft) else "task",
        creditor=debtor.creditor.id,
        debtor=debtor.id,
        day=morning.day,
        flow=line.flow,
        flow_version=line.version,
        step=step.id,
        offset=step.offset,
        invoices=invoices,
        currency=draft.group[0].invoice.currency,
        amount=amount,
        messages=draft.reached.messages,
        document=step.document,
        firmness=line.firmness,
        voice=voice,
        language=language(step, debtor, draft.reached.messages),
        contents=_contents(morning, draft, amount),
        charges=ruling.charges,
        final=line.is_last,
        handover=draft.handover,
        notice=ruling.notice,
        not_before=window.start,
        not_after=window.end,
        why=_why(morning, draft, ruling, refusal),
        policy=morning.policy_hash,
        rates=morning.rates,
        task=draft.task,
        announces=ruling.announces,
    )


def _writes(draft: Draft) -> bool:
    return any(message.channel != "call" for message in draft.reached.messages)


def _claimed(group: Group, charges: Sequence[Charge]) -> tuple[tuple[Claimed, ...], Decimal]:
    """What is stated of each invoice, charges owed before and new ones with it, and the sum."""
    new: dict[int, Decimal] = {}
    for charge in charges:
        new[charge.invoice] = new.get(charge.invoice, ZERO) + charge.amount + charge.vat
    claimed, total = [], ZERO
    for one in group:
        invoice = one.invoice
        extra = invoice.charges + new[invoice.id] if invoice.id in new else invoice.charges
        claimed.append(Claimed(invoice.id, invoice.number, invoice.due, one.amount, extra))
        total += one.amount + extra
    return tuple(claimed), total


def _voice(morning: Morning, draft: Draft) -> tuple[str | None, Note | None]:
    """The voice of the step or arm; humour only at first and never with a debtor who had a dispute."""
    voice = draft.step.voice
    if voice is None or not voice.startswith("humour"):
        return voice, None
    if draft.line.number > morning.policy.humour.get("last_step", 1):
        return None, Note("no-humour", f"no humour at step {draft.line.number} of a flow")
    had = draft.debtor.disputes or any(hold.reason == "dispute" for hold in draft.debtor.holds)
    return (None, Note("no-humour", "no humour with a debtor who had a dispute")) if had else (voice, None)


def _contents(morning: Morning, draft: Draft, amount: Decimal) -> tuple[str, ...]:
    """The contents of the step or arm; a payment plan is proposed where the policy says so and the amount makes two terms."""
    step, plans, contents = draft.step, morning.policy.payment_plans, draft.step.contents
    if step.id not in plans.propose_at or "payment_plan" in contents:
        return contents
    worth = morning.worth(amount, draft.group[0].invoice.currency)
    return (*contents, "payment_plan") if worth is not None and worth >= 2 * plans.min_instalment else contents


def _why(morning: Morning, draft: Draft, ruling: Ruling, refusal: Note | None) -> Why:
    notes = [*draft.notes, *draft.reached.notes, *([refusal] if refusal else [])]
    for one in draft.group:
        if one.asks is not None:
            notes += notes_on(one.invoice.number, one.asks, draft.holds.parts.get(one.invoice.id, ()))
    text, waited = told(draft.debtor, draft.group, morning.day, morning.calendar, morning.policy.limits)
    return Why(draft.chosen.segment, draft.chosen.because, text, waited, ruling.notes, draft.arm, tuple(notes))
