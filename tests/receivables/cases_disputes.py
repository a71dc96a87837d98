"""Disputes as a state machine, against an oracle of a few lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from sqlalchemy import select

from einvoice.receivables.cases import disputes, people
from einvoice.receivables.cases.disputes import Objection
from einvoice.receivables.store.tables import DISPUTES, HISTORY, PEOPLE
from tests.receivables.cases_books import POLICY, dispute, held, person, told
from tests.receivables.cases_machine import Cases

DAYS = {"other": 3, "already_paid": 7, "price_not_as_agreed": 14}
WORKED = {"open", "assigned", "waiting_us", "waiting_customer"}
ALLOWED = {
    "assign": WORKED,
    "wait us": WORKED,
    "wait customer": WORKED,
    "resume": WORKED,
    "accept": WORKED,
    "accept without credit": WORKED,
    "reject": WORKED,
    "withdraw": WORKED | {"accepted"},
    "credit": {"accepted"},
}
BECOMES = {"assign": "assigned", "wait us": "waiting_us", "wait customer": "waiting_customer", "accept": "accepted"}
ENDS = {"accept without credit": "accepted", "reject": "rejected", "withdraw": "withdrawn", "credit": "credited"}


@dataclass
class Oracle:
    """What is known of a dispute."""

    id: int
    invoice: int
    due: date
    binding: bool
    state: str = "open"
    closed: bool = False
    resumed: bool = False
    escalated: bool = False

    @property
    def holds(self) -> bool:
        """Whether follow-up waits for it."""
        return not self.closed and not self.resumed


class Disputes(Cases):
    """Objections are handed in, worked on and forgotten, people come and go."""

    resumes: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[Oracle] = []
        self.active = {self.here.person}
        self.hired = self.notes = 0

    @rule(invoice=st.integers(0, 2), category=st.sampled_from(sorted(DAYS)), part=st.booleans(), binding=st.booleans())
    def register(self, invoice: int, category: str, part: bool, binding: bool) -> None:
        """A debtor objects."""
        objection = Objection(self.here.invoices[invoice], category, Decimal(20) if part else None, binding=binding)
        made = self.attempt(bool(self.active), lambda: disputes.register(self.connection, objection, POLICY, self.at("debtor")))
        if made:
            self.cases.append(Oracle(made, objection.invoice, self.day + timedelta(DAYS[category]), binding))

    @precondition(lambda self: self.cases)
    @rule(which=st.integers(0, 99), verb=st.sampled_from(sorted(ALLOWED)))
    def act(self, which: int, verb: str) -> None:
        """Somebody does something to a dispute, allowed or not."""
        case = self.cases[which % len(self.cases)]
        allowed = not case.closed and case.state in ALLOWED[verb] and (verb != "assign" or bool(self.active))
        self.attempt(allowed, lambda: self._do(case.id, verb))
        if allowed:
            case.state = BECOMES.get(verb) or ENDS.get(verb) or case.state
            case.closed = verb in ENDS
            case.resumed = (case.resumed or verb == "resume") and verb != "accept"

    def _do(self, case: int, verb: str) -> None:
        connection, at = self.connection, self.at()
        match verb.split():
            case ["assign"]:
                disputes.assign(connection, case, max(self.active, default=0), at)
            case ["wait", "us"]:
                disputes.wait(connection, case, "us", at)
            case ["wait", _]:
                disputes.wait(connection, case, "customer", at)
            case ["accept", *without]:
                disputes.accept(connection, case, at, credit_due=not without)
            case ["credit"]:
                self.notes += 1
                disputes.credit(connection, case, f"C{self.notes}", at)
            case [other]:
                {"resume": disputes.resume, "reject": disputes.reject, "withdraw": disputes.withdraw}[other](connection, case, at)

    @rule(days=st.integers(0, 6))
    def time_passes(self, days: int) -> None:
        """The clock ticks: who is past its day escalates, once."""
        counts = self.pass_days(days)
        late = [case for case in self.cases if not case.closed and case.due < self.day and not case.escalated]
        assert counts == ({"disputes.escalated": len(late)} if late else {})
        for case in late:
            case.escalated = True
            case.resumed = case.resumed or (self.resumes and not case.binding and case.state != "accepted")

    @rule(away=st.booleans())
    def somebody_comes(self, away: bool) -> None:
        """A new colleague, perhaps on holiday."""
        self.hired += 1
        made = person(self.connection, self.here.creditor, f"p{self.hired}", away_from=self.day if away else None)
        self.active.add(made)

    @precondition(lambda self: self.active)
    @rule(which=st.integers(0, 99))
    def somebody_leaves(self, which: int) -> None:
        """A colleague leaves; refused where disputes would have no owner."""
        leaver = sorted(self.active)[which % len(self.active)]
        owned = [case for case in self.cases if not case.closed and dispute(self.connection, case.id).owner_id == leaver]
        allowed = not owned or len(self.active) > 1
        self.attempt(allowed, lambda: people.deactivate(self.connection, leaver, self.at()))
        if allowed:
            self.active.discard(leaver)

    @invariant()
    def a_hold_exactly_while_it_is_open(self) -> None:
        """Invariant 1, as holds have it."""
        expected = {("dispute", case.invoice) for case in self.cases if case.holds}
        assert held(self.connection, self.day) == expected

    @invariant()
    def every_open_one_has_an_active_owner(self) -> None:
        """C22."""
        inactive = select(PEOPLE.c.id).where(PEOPLE.c.active.is_(False))
        lost = select(DISPUTES.c.id).where(DISPUTES.c.closed_on.is_(None), DISPUTES.c.owner_id.in_(inactive))
        assert self.connection.scalars(lost).all() == []

    @invariant()
    def what_is_kept_is_what_happened(self) -> None:
        """Rows, history and events tell the same."""
        rows = {row.id: (row.state, row.closed_on is not None, row.resumed) for row in self.connection.execute(select(DISPUTES))}
        assert rows == {case.id: (case.state, case.closed, case.resumed) for case in self.cases}
        last = {row.case_id: row.became for row in self.connection.execute(select(HISTORY).order_by(HISTORY.c.id)) if row.kind == "dispute"}
        assert last == {case.id: case.state for case in self.cases}
        events = told(self.connection)
        assert events["dispute.opened"] == len(self.cases)
        assert events["dispute.resolved"] == sum(case.closed for case in self.cases)
        assert events["dispute.escalated"] == sum(case.escalated for case in self.cases)


class ConsumerDisputes(Disputes):
    """The same with a consumer: follow-up never resumes by itself."""

    kind = "b2c"
    resumes = False
