"""What the machine of the run knows of its own: papers, parties, cases, contact moments. Nothing of the code under test is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

import holidays

ZERO = Decimal(0)
ENOUGH = 2
"""Delivered contacts before a hand-over, as the policy below says."""
FLOW = (("r1", 0), ("r2", 5), ("r3", 10), ("r4", 14), ("r5", 20))
RULES = """
version: 1
name: tests
limits: {min_contacts_before_collection: 2}
payment_plans: {min_instalment: 10}
segments: [{id: all, when: "true", flow: f}]
flows:
  f:
    - {id: r1, offset: 0, all_of: [email], firmness: 1}
    - {id: r2, offset: 5, all_of: [email, letter], firmness: 2}
    - {id: r3, offset: 10, all_of: [call], firmness: 2}
    - {id: r4, offset: 14, all_of: [email], document: aanmaning, firmness: 3, claims: all}
    - {id: r5, offset: 20, handover: agency}
"""


@dataclass
class Paper:
    """An invoice: `open` of its principal, `charges` owed, steps that were taken, contacts that count."""

    number: str
    id: int
    due: date
    open: Decimal
    charges: Decimal = ZERO
    booked: Decimal = ZERO
    contacts: int = 0
    is_written_off: bool = False
    steps: list[tuple[date, str]] = field(default_factory=list)

    def meets(self, day: date) -> bool:
        """Whether its next step has come."""
        done = {step for _, step in self.steps}
        left = [(step, offset) for step, offset in FLOW if step not in done]
        if not left or self.open <= 0 or self.is_written_off or "r5" in done:
            return False
        if left[0][0] == "r5" and self.contacts < ENOUGH:
            return False
        rested = all(on + timedelta(3) <= day for on, _ in self.steps)
        return rested and self.due + timedelta(left[0][1]) <= day


@dataclass
class Dispute:
    """An objection: the whole paper where `part` is None; answered by a day."""

    id: int
    paper: str
    part: Decimal | None
    due: date
    is_closed: bool = False
    is_resumed: bool = False
    is_escalated: bool = False

    @property
    def holds(self) -> bool:
        """Whether follow-up waits for it."""
        return not self.is_closed and not self.is_resumed


@dataclass
class Promise:
    """A word to pay an amount through a last day."""

    paper: str
    amount: Decimal
    made: datetime
    last: date
    is_closed: bool = False


@dataclass
class Plan:
    """Terms (day, amount) since a moment."""

    paper: str
    terms: list[tuple[date, Decimal]]
    began: datetime
    grace: date | None = None
    is_closed: bool = False


@dataclass
class Receipt:
    """Money or credit that a paper got: principal and charges; `transaction` where it can be taken back."""

    paper: str
    principal: Decimal
    charges: Decimal
    at: datetime
    day: date
    transaction: int | None = None
    is_reversed: bool = False
    is_loss: bool = False


@dataclass
class Party:
    """A debtor, and whether it can be planned, written to and reached."""

    key: str
    id: int
    country: str
    is_company: bool
    email: str
    papers: list[Paper] = field(default_factory=list)
    has_bounced: bool = False
    no_consent: set[str] = field(default_factory=set)
    broken: str | None = None
    is_insolvent: bool = False
    held_until: date | None = None
    waits_for: set[str] = field(default_factory=set)  # actions whose refusal a person has to look at
    on_account: Decimal = ZERO
    credit: Decimal = ZERO
    answers: dict[str, str] = field(default_factory=dict)  # by channel, what the other side does
    postponed: date | None = None

    def steps_on(self) -> set[date]:
        """The days of its steps."""
        return {on for paper in self.papers for on, _ in paper.steps}


@dataclass
class Sent:
    """What a sender was handed, and what it said."""

    id: int
    key: str
    action: str
    channel: str
    numbers: tuple[str, ...]
    sha256: str
    at: datetime
    state: str
    is_delivered: bool = False

    @property
    def may_have_arrived(self) -> bool:
        """Whether the debtor may have it."""
        return self.state in ("sent", "delivered", "unknown", "bounced")


@dataclass
class Moment:
    """An action that reached the world: its step, papers, and whether it counted as a contact."""

    step: str
    numbers: tuple[str, ...]
    messages: list[Sent] = field(default_factory=list)
    is_answered: bool = False
    has_counted: bool = False


def is_open(country: str, day: date) -> bool:
    """Monday to Friday, no holiday."""
    return day.weekday() < 5 and day not in holidays.country_holidays(country, years=day.year)


def posted_for_three_days(country: str, sent: date, day: date) -> bool:
    """Whether three working days lie between."""
    between = [sent + timedelta(days) for days in range(1, (day - sent).days)]
    return sum(is_open(country, each) for each in between) >= 3


class Known:
    """All of it together, with the clocks of cases."""

    def __init__(self) -> None:
        self.parties: dict[str, Party] = {}
        self.disputes: list[Dispute] = []
        self.promises: list[Promise] = []
        self.plans: list[Plan] = []
        self.receipts: list[Receipt] = []
        self.moments: dict[str, Moment] = {}

    def papers(self) -> dict[str, Paper]:
        """By number."""
        return {paper.number: paper for party in self.parties.values() for paper in party.papers}

    def party_of(self, number: str) -> Party:
        """Whose a paper is."""
        return next(party for party in self.parties.values() if any(paper.number == number for paper in party.papers))

    def paid(self, number: str, since: datetime, until: date | None = None) -> Decimal:
        """What came in on a paper since a moment."""
        came = [one for one in self.receipts if one.paper == number and not one.is_reversed and not one.is_loss and one.at >= since]
        return sum((one.principal + one.charges for one in came if until is None or one.day <= until), ZERO)

    def books(self, receipt: Receipt, sign: int = 1) -> None:
        """Money comes (1) or is taken back (-1)."""
        paper = self.papers()[receipt.paper]
        paper.open -= sign * receipt.principal
        paper.charges -= sign * receipt.charges

    def stopped(self, party: Party, number: str, day: date) -> str | None:
        """Why nothing may be sent about a paper on a day."""
        paper = self.papers()[number]
        reasons = {
            "insolvent": party.is_insolvent,
            "held": party.held_until is not None and party.held_until >= day,
            "a person looks at it": bool(party.waits_for),
            "dispute": any(one.paper == number and one.part is None and one.holds for one in self.disputes),
            "promise": any(one.paper == number and not one.is_closed and one.last >= day for one in self.promises),
            "plan": any(one.paper == number and not one.is_closed for one in self.plans),
            "nothing is owed": paper.open <= 0,
            "written off": paper.is_written_off,
        }
        return next((reason for reason, stops in reasons.items() if stops), None)

    def askable(self, number: str) -> Decimal:
        """What of a paper is neither paid nor disputed."""
        parts = sum((one.part or ZERO for one in self.disputes if one.paper == number and one.holds), ZERO)
        return max(self.papers()[number].open - parts, ZERO)

    def tick(self, day: date) -> None:
        """What time does to cases."""
        for dispute in self.disputes:
            if not dispute.is_closed and not dispute.is_escalated and dispute.due < day:
                dispute.is_escalated = True
                dispute.is_resumed = self.party_of(dispute.paper).is_company
        for promise in self.promises:
            if not promise.is_closed:
                kept = self.paid(promise.paper, promise.made, promise.last) >= promise.amount
                promise.is_closed = kept or promise.last < day
        for plan in self.plans:
            if not plan.is_closed:
                self._judge(plan, day)

    def _judge(self, plan: Plan, day: date) -> None:
        paid, paper = self.paid(plan.paper, plan.began), self.papers()[plan.paper]
        if paid >= sum(amount for _, amount in plan.terms) or paper.open + paper.charges <= 0:
            plan.is_closed = True
            return
        asked, missed = ZERO, None
        for due, amount in plan.terms:
            asked += amount
            missed = due if missed is None and asked > paid and due < day else missed
        if missed is None:
            plan.grace = None
            return
        plan.grace = plan.grace or missed + timedelta(5)
        plan.is_closed = day > plan.grace

    def count(self, now: datetime, day: date) -> None:
        """Which moments become contacts."""
        for moment in self.moments.values():
            party = self.party_of(moment.numbers[0])
            for one in moment.messages:
                late = (
                    one.at + timedelta(hours=72) <= now
                    if one.channel == "email"
                    else posted_for_three_days(party.country, one.at.date(), day)
                )
                one.is_delivered |= one.state == "delivered" or (one.state == "sent" and late)
            reached = moment.is_answered or any(one.is_delivered and one.state != "bounced" for one in moment.messages)
            if reached and not moment.has_counted:
                moment.has_counted = True
                for number in moment.numbers:
                    self.papers()[number].contacts += 1

    def must_hear(self, party: Party, day: date) -> bool:
        """Whether something about a debtor is surely due today: nothing is wrong with it, nothing stops it, its next step has come."""
        wrong = party.broken or party.has_bounced or party.no_consent or party.on_account or party.credit or party.postponed == day
        if wrong or not is_open(party.country, day) or not party.is_company:
            return False
        parts = {one.paper for one in self.disputes if one.holds}
        if any(paper.number in parts or (paper.open > 0 and self.stopped(party, paper.number, day)) for paper in party.papers):
            return False
        week = [on for on in party.steps_on() if on > day - timedelta(7)]
        return day not in week and len(week) < 3 and any(paper.meets(day) for paper in party.papers)
