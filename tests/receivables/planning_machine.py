"""What must hold of every plan, whatever happens to debtors: a state machine over an in-memory world under the law as it is."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import holidays
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from einvoice.money import ZERO
from einvoice.receivables import law
from einvoice.receivables.actions import Action
from einvoice.receivables.planning import plan
from einvoice.receivables.policy import Policy
from einvoice.receivables.snapshot import DebtorSnapshot, Hold, InvoiceSnapshot
from tests.receivables.worlds import World, contact, credit_note, debtor, invoice, policy_of

START = date(2026, 4, 20)
LAW = law.load()
ZONES = {"NL": "Europe/Amsterdam", "BE": "Europe/Brussels", "DE": "Europe/Berlin", "PT": "Europe/Lisbon", "US": "America/New_York"}
STATUTORY = {"NL", "BE", "DE", "FR", "AT", "LU", "ES", "IT"}
DEFAULT = policy_of(every_day=False, prelude=True)
TWO = policy_of(
    """
version: 1
name: two
prelude: [{id: pre, offset: -2, all_of: [email]}]
segments:
  - {id: people, when: "party.kind == 'b2c' && party.score == null", flow: people}
  - {id: low, when: "party.score != null && party.score < 50", flow: left}
  - {id: rest, when: "true", flow: right}
flows:
  left:
    - {id: r1, offset: 0, all_of: [email]}
    - {id: r2, offset: 5, all_of: [letter], document: aanmaning}
    - {id: r3, offset: 9, all_of: [email]}
    - {id: r4, offset: 14, all_of: [letter], document: notice_of_default}
    - {id: r5, offset: 60, handover: agency}
  people:
    - {id: r1, offset: 1, all_of: [email], claims: costs}
    - {id: r2, offset: 5, all_of: [letter], document: statutory_notice}
    - {id: r3, offset: 10, all_of: [email], claims: all}
    - {id: r4, offset: 26, all_of: [letter], claims: all}
    - {id: r5, offset: 40, handover: agency}
  right:
    - {id: r1, offset: 2, all_of: [email]}
    - {id: r2, offset: 7, all_of: [letter], document: legal_letter}
    - {id: r3, offset: 12, all_of: [sms]}
    - {id: r4, offset: 40, all_of: [letter], document: legal_letter}
""",
    every_day=False,
    prelude=True,
)
"""Two flows of severe steps, between which a score moves debtors to and fro; and one that claims of consumers what it can."""
AMOUNTS = st.integers(1, 2_000_000).map(lambda cents: Decimal(cents).scaleb(-2))
REASONS = st.sampled_from(["dispute", "plan", "promise", "payment_pending", "insolvency", "manual"])


class Mornings(RuleBasedStateMachine):
    """Days pass or are missed; invoices come, are paid, disputed, credited; debtors change."""

    examples: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.day = START
        self.number = 0
        self.policy = DEFAULT
        self.world = World([], self.policy, LAW)
        self.examples["worlds"] += 1

    def _next(self) -> int:
        self.number += 1
        return self.number

    @initialize(
        parties=st.lists(st.tuples(st.sampled_from(["b2b", "b2c", "public"]), st.sampled_from(sorted(ZONES))), min_size=2, max_size=5),
        two=st.booleans(),
    )
    def begin(self, parties: list[tuple[str, str]], two: bool) -> None:
        """Some debtors, of every kind and from several countries, one of them without law; one of two policies."""
        self.policy = self.world.policy = TWO if two else DEFAULT
        for number, (kind, country) in enumerate(parties, 1):
            facts = {"kind": kind, "country": country, "size": "large" if kind == "b2b" and number == 1 else None, "born": date(1990, 1, 1)}
            contract = {"costs": "by_law"}
            first = invoice(self._next(), self.day + timedelta(days=number), contract=contract)
            self.world.debtors[number] = debtor(first, number=number, contacts=(contact(number), contact(100 + number, "finance")), **facts)

    def _any(self, choice: int) -> DebtorSnapshot:
        return self.world.debtors[1 + choice % len(self.world.debtors)]

    def _one(self, choice: int) -> tuple[DebtorSnapshot, InvoiceSnapshot]:
        one = self._any(choice)
        return one, one.invoices[(choice // 7) % len(one.invoices)]

    @rule(
        choice=st.integers(0, 99),
        days=st.integers(-40, 40),
        late=st.integers(0, 60),
        amount=AMOUNTS,
        currency=st.sampled_from(["EUR", "EUR", "USD"]),
    )
    def comes(self, choice: int, days: int, late: int, amount: Decimal, currency: str) -> None:
        """An invoice enters, also overdue, also in a currency that the policy has no rate for."""
        one, due = self._any(choice), self.day + timedelta(days=days)
        if currency == "USD" and one.country != "US":
            currency = "EUR"
        entered = min(self.day, due + timedelta(days=late - 30))
        facts = {"entered": entered, "issued": min(entered, due), "currency": currency, "contract": {"costs": "by_law"}}
        self._add(one, invoice(self._next(), due, str(amount), **facts))

    @rule(choice=st.integers(0, 99), amount=AMOUNTS)
    def is_credited(self, choice: int, amount: Decimal) -> None:
        """A credit note that is not allocated."""
        self._add(self._any(choice), credit_note(self._next(), str(amount), self.day))

    def _add(self, one: DebtorSnapshot, each: InvoiceSnapshot) -> None:
        self.world.change(one.id, invoices=tuple(sorted((*one.invoices, each), key=lambda each: (each.due, each.id))))

    @rule(choice=st.integers(0, 99), share=st.integers(1, 4))
    def is_paid(self, choice: int, share: int) -> None:
        """A part of an invoice is paid, or all of it."""
        one, each = self._one(choice)
        rest = each.open - (each.open * share / 4).quantize(Decimal("0.01"))
        stage = "settled" if not rest else each.stage
        self.world.change_invoice(one.id, each.id, open=rest, stage=stage)

    @rule(choice=st.integers(0, 99))
    def is_reversed(self, choice: int) -> None:
        """A payment bounces: the invoice is open again, where it stood."""
        one, each = self._one(choice)
        stage = "open" if each.stage == "settled" else each.stage
        self.world.change_invoice(one.id, each.id, open=each.amount, stage=stage)

    @rule(choice=st.integers(0, 99), amount=AMOUNTS)
    def pays_on_account(self, choice: int, amount: Decimal) -> None:
        """Money comes that nobody allocated yet."""
        self.world.change(self._any(choice).id, unallocated={"EUR": amount})

    @rule(choice=st.integers(0, 99))
    def is_allocated(self, choice: int) -> None:
        """Money on account is gone."""
        self.world.change(self._any(choice).id, unallocated={})

    @rule(choice=st.integers(0, 99), reason=REASONS, part=st.none() | AMOUNTS, days=st.integers(-2, 12), scope=st.integers(0, 9))
    def is_held(self, choice: int, reason: str, part: Decimal | None, days: int, scope: int) -> None:
        """A pause begins: of an invoice, of a part of it, of everything."""
        one, each = self._one(choice)
        until = None if days == 12 else self.day + timedelta(days=days)
        hold = Hold(reason, None, None, until) if scope == 0 else Hold(reason, each.id, part, until)
        self.world.change(one.id, holds=(*one.holds, hold)[-3:], disputes=one.disputes + (reason == "dispute"))

    @rule()
    def all_are_released(self) -> None:
        """All pauses end."""
        for number in self.world.debtors:
            self.world.change(number, holds=(), hold_until=None, insolvent_on=None)

    @rule(choice=st.integers(0, 99), score=st.none() | st.integers(0, 100), size=st.sampled_from([None, "small", "large"]))
    def changes(self, choice: int, score: int | None, size: str | None) -> None:
        """The debtor meets another segment."""
        one = self._any(choice)
        self.world.change(one.id, score=score, size=size if one.kind == "b2b" else None)

    @rule(scores=st.lists(st.sampled_from([10, 90]), min_size=5, max_size=5), days=st.integers(2, 9))
    def scores_change(self, scores: list[int], days: int) -> None:
        """Everybody's score is looked up anew, then days pass."""
        for number, score in zip(list(self.world.debtors), scores, strict=False):
            self.world.change(number, score=score)
        self.days_pass(days)

    @rule(choice=st.integers(0, 99), insolvent=st.integers(0, 4), days=st.integers(0, 5))
    def is_stopped(self, choice: int, insolvent: int, days: int) -> None:
        """Insolvency, or a person who says: not before."""
        until = self.day + timedelta(days=days)
        self.world.change(self._any(choice).id, **({"insolvent_on": self.day} if insolvent == 0 else {"hold_until": until}))

    @rule(choice=st.integers(0, 99), channel=st.sampled_from(["email", "sms", "whatsapp", "letter", "call"]), granted=st.booleans())
    def consents(self, choice: int, channel: str, granted: bool) -> None:
        """A consent is given or withdrawn."""
        one = self._any(choice)
        self.world.change(one.id, consents={**one.consents, channel: granted})

    @rule(choice=st.integers(0, 99), channels=st.sets(st.sampled_from(["email", "sms", "whatsapp", "letter", "registered_letter", "call"])))
    def is_reached_by(self, choice: int, channels: set[str]) -> None:
        """Addresses bounce or are mended."""
        one = self._any(choice)
        self.world.change(one.id, contacts=(one.contacts[0]._replace(channels=frozenset(channels)), *one.contacts[1:]))

    @rule(delivers=st.booleans())
    def deliveries(self, delivers: bool) -> None:
        """From now on messages arrive, or bounce."""
        self.world.delivers = lambda _: delivers

    @rule(days=st.integers(2, 25))
    def days_are_missed(self, days: int) -> None:
        """Nobody runs anything for a while."""
        self.day += timedelta(days=days)

    @rule(weeks=st.integers(2, 6))
    def weeks_pass(self, weeks: int) -> None:
        """A run every morning of some weeks."""
        self.days_pass(7 * weeks)

    @rule(days=st.integers(1, 12))
    def days_pass(self, days: int) -> None:
        """A run every morning; everything that must hold of it is looked at."""
        for _ in range(days):
            before = dict(self.world.debtors)
            actions = list(plan(before.values(), self.policy, LAW, self.day))
            for action in actions:
                self.examples["actions"] += 1
                check(action, before[action.debtor], self.policy, self.world.taken)
                assert action.day == self.day
                self.world.take(action)
            assert len({action.debtor for action in actions}) == len(actions), "3: one step a debtor"
            assert not list(plan(self.world.debtors.values(), self.policy, LAW, self.day)), "2: a second run adds nothing"
            self.day += timedelta(days=1)

    @invariant()
    def nothing_was_done_twice(self) -> None:
        """2: an invoice meets a step of a flow once per channel."""
        assert not doubles(self.world.taken)


def to_and_fro(worlds: int, *, seed: int) -> int:
    """Moves a debtor between two flows of severe steps on random days, a run every day; how many actions there were."""
    random = Random(seed)
    seen = 0
    for _ in range(worlds):
        world, day = World([debtor(invoice(1, START))], TWO, LAW), START
        while day < START + timedelta(days=70):
            world.change(1, score=random.choice([10, 90]))
            for _ in range(random.randrange(1, 8)):
                before = world.debtors[1]
                for action in plan([before], TWO, LAW, day):
                    check(action, before, TWO, world.taken)
                    world.take(action)
                day += timedelta(days=1)
        assert not doubles(world.taken)
        seen += len(world.taken)
    return seen


def consumers(worlds: int, *, seed: int) -> int:
    """Follows consumers of the Netherlands and Belgium through a flow that claims all it can, days missed; how many charges there were."""
    random = Random(seed)
    seen = 0
    for number in range(worlds):
        due = START + timedelta(days=random.randrange(400))
        facts: dict[str, Any] = {"kind": "b2c", "size": None, "country": ("NL", "BE")[number % 2]}
        world = World([debtor(invoice(1, due, contract={"costs": "by_law"}), **facts)], TWO, LAW)
        for day in (due + timedelta(days=days) for days in range(70) if random.random() < 0.7):
            before = world.debtors[1]
            for action in plan([before], TWO, LAW, day):
                check(action, before, TWO, world.taken)
                world.take(action)
                seen += len(action.charges)
        stated, booked = world.debtors[1].invoices[0].costs_stated, world.debtors[1].invoices[0].costs_booked
        assert booked in (ZERO, stated), "7: what is charged is what was stated"
    return seen


def doubles(taken: list[Action]) -> list[object]:
    """What was done twice."""
    done = Counter(
        (claimed.invoice, action.flow_version, action.step, channel)
        for action in taken
        for claimed in action.invoices
        for channel in [message.channel for message in action.messages] or ["-"]
    )
    return [what for what, times in done.items() if times > 1]


def check(action: Action, one: DebtorSnapshot, policy: Policy, taken: list[Action]) -> None:
    """An action against what is known of its debtor, by other means than the planner's."""
    day, invoices = action.day, {each.id: each for each in one.invoices}
    asked = [(claimed, invoices[claimed.invoice]) for claimed in action.invoices]
    assert asked, "an action is about something"
    _pauses(action, one, day)
    _order(action, one, policy, taken)
    _credits(action, one, day)
    _times(action, one, day)
    _channels(action, one)
    _handover(action, one)
    _law(action, one, day)
    assert len(action.policy) == len(action.rates) == 64, "13: hashes"
    assert len(action.flow_version) == 16
    assert action.amount == sum((claimed.amount + claimed.charges for claimed, _ in asked), ZERO), "the sum is what is stated"
    assert all(each.currency == action.currency for _, each in asked)
    assert action.why.segment
    assert action.why.because
    assert action.why.step


def _pauses(action: Action, one: DebtorSnapshot, day: date) -> None:
    """1: nothing goes out against a pause, an insolvency or a zero balance."""
    live = [hold for hold in one.holds if hold.until is None or hold.until >= day]
    asked = {claimed.invoice: claimed.amount for claimed in action.invoices}
    assert not [hold for hold in live if hold.invoice is None or (hold.invoice in asked and hold.amount is None)]
    assert one.insolvent_on is None or one.insolvent_on > day
    assert one.hold_until is None or one.hold_until < day
    for each in one.invoices:
        if each.id in asked:
            withheld = sum((hold.amount or ZERO for hold in live if hold.invoice == each.id), ZERO)
            assert 0 < asked[each.id] <= each.open - withheld
            assert each.stage == "open"


def _order(action: Action, one: DebtorSnapshot, policy: Policy, taken: list[Action]) -> None:
    """3: gaps are kept, and nothing severe is reached by skipping the step before it."""
    flow = policy.flows[action.flow]
    places = [step.id for step in flow.steps]
    for claimed in action.invoices:
        each = next(each for each in one.invoices if each.id == claimed.invoice)
        assert action.day >= each.due + timedelta(days=action.offset), "not before its day"
        assert (each.due > action.day) == (action.offset < 0), "a notice before the due date only"
        earlier = [done for done in taken if any(was.invoice == each.id for was in done.invoices)]
        if action.offset < 0:
            assert not earlier
            continue
        assert all(action.day - done.day >= timedelta(days=3) for done in earlier if done.offset >= 0)
        step = flow.steps[places.index(action.step)]
        here = [done.step for done in earlier if done.flow == action.flow and done.offset >= 0]
        if step.is_severe and places.index(action.step):
            assert places[places.index(action.step) - 1] in here, "severe steps are never reached by skipping"
        if {done.flow for done in earlier} <= {action.flow}:
            assert here == places[: places.index(action.step)], "the earliest step that was not done"


def _credits(action: Action, one: DebtorSnapshot, day: date) -> None:
    """4: what is asked and what is on account are never more than what is open."""
    live = [hold for hold in one.holds if hold.until is None or hold.until >= day]
    whole = {hold.invoice for hold in live if hold.amount is None}
    free = ZERO
    for each in one.invoices:
        if each.currency == action.currency and each.open > 0 and each.stage == "open" and each.id not in whole:
            withheld = sum((hold.amount or ZERO for hold in live if hold.invoice == each.id), ZERO)
            free += max(each.open - withheld, ZERO)
    notes = -sum((each.open for each in one.invoices if each.open < 0 and each.currency == action.currency), ZERO)
    credit = one.unallocated.get(action.currency, ZERO) + notes
    assert sum((claimed.amount for claimed in action.invoices), ZERO) <= max(free - credit, ZERO)


def _times(action: Action, one: DebtorSnapshot, day: date) -> None:
    """8: on a business morning of the debtor's own country."""
    assert action.day == day
    is_open(action.not_before, action.not_after, day, one.country, ZONES[one.country])
    week = [each for each in one.steps_on if day - timedelta(days=7) < each <= day]
    assert len(week) < 3
    assert day not in week


def is_open(start: datetime, end: datetime, day: date, country: str, zone: str) -> None:
    """A window lies in the morning of a business day where the debtor is."""
    here = [moment.astimezone(ZoneInfo(zone)) for moment in (start, end)]
    assert [moment.date() for moment in here] == [day, day]
    assert (8, 30) <= (here[0].hour, here[0].minute) < (here[1].hour, here[1].minute) <= (12, 0)
    assert day.weekday() < 5
    assert day not in holidays.country_holidays(country, years=day.year)


def _channels(action: Action, one: DebtorSnapshot) -> None:
    """8: consent, and addresses that exist."""
    contacts = {each.id: each for each in one.contacts}
    for message in action.messages:
        assert message.contact is not None
        assert message.channel in contacts[message.contact].channels
        assert one.consents.get(message.channel, message.channel not in ("whatsapp", "computer_call"))
    assert action.messages or action.handover or action.task in ("decide", "repair_address")


def _handover(action: Action, one: DebtorSnapshot) -> None:
    """5 and 12: enough delivered contacts, and no natural person on a score alone."""
    if action.handover:
        asked = {claimed.invoice for claimed in action.invoices}
        assert all(each.contacts >= 3 for each in one.invoices if each.id in asked)
        assert not (one.kind == "b2c" and "score" in action.why.because)


def _law(action: Action, one: DebtorSnapshot, day: date) -> None:
    """6, 7 and 14: consumers get their notice and its term first; no claim where no law is known."""
    invoices = {each.id: each for each in one.invoices}
    assert not (action.charges and one.country not in STATUTORY)
    for charge in action.charges:
        each = invoices[charge.invoice]
        if one.kind == "b2c" and one.country in ("NL", "BE") and charge.kind != "interest":
            assert each.notice_on is not None
            assert day > each.notice_on + timedelta(days=14)
            assert each.costs_stated is None or charge.amount + charge.vat <= each.costs_stated
        if one.kind == "b2c" and one.country == "BE":
            assert each.notice_on is not None, "6: the first reminder is free"
