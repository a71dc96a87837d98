"""The daily run as a state machine: what must hold of it, whatever happens before, between and during its phases."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from einvoice.database import connect
from einvoice.outbox import Outcome, State, relay, report
from einvoice.receivables import ledger
from einvoice.receivables.cases import disputes, insolvency, plans, promises, writeoff
from einvoice.receivables.cases.schedule import Term
from einvoice.receivables.cases.tasks import done
from einvoice.receivables.ledger import parties
from einvoice.receivables.store.tables import ACTIONS, MESSAGES, TASKS
from tests.receivables.run_life import BROKEN, Life
from tests.receivables.run_oracle import ZERO, Dispute, Paper, Party, Plan, Promise, Receipt
from tests.receivables.run_post import RAISES
from tests.receivables.run_world import EARLY, MORNING

STEPS = 30
WHO = st.integers(0, 999)
SHARES = st.sampled_from([1, 1, 2, 4])
BETWEEN = (
    *("pays", "pays_on_account", "is_credited", "is_written_off", "disputes", "promises", "agrees_on_terms"),
    *("insolvent_or_not", "is_held", "consents_or_not", "moves"),
)
TROUBLE = (*BROKEN, "letters", "recipient", "text", "busy", "broken", "reported", RAISES)


class Days(Life):
    """Everything that can happen, in any order."""

    # the run and its phases

    @rule()
    def runs(self) -> None:
        """A run within the hours of contact, and at once another, which adds nothing."""
        self._morning()
        due = self._begins()
        self._heed(self._run())
        heard = {self.known.party_of(number).key for moment in self._today() for number in moment.numbers}
        for key in sorted(due - heard):
            self.wrong.append(f"9: {key} is due on {self.day} and heard nothing")
        self.done["due"] += len(due)
        self.done["runs"] += 1
        self._again()

    def _again(self) -> None:
        """2: only who has nothing left of today's actions, because they were withdrawn or came to nothing, is decided on anew."""
        rows = self.world.rows(select(ACTIONS.c.debtor_id, ACTIONS.c.state).where(ACTIONS.c.day == self.day))
        gone = {row.debtor_id for row in rows if row.state in ("cancelled", "failed")}
        gone -= {row.debtor_id for row in rows if row.state not in ("cancelled", "failed")}
        sent, actions = set(self.post.sent), len(rows)
        made = self._run()
        if made.saved > len(gone):
            self.wrong.append(f"2: the second run saved {made.saved}, {len(gone)} were withdrawn in the first")
        again = self.world.rows(select(ACTIONS.c.id).where(ACTIONS.c.day == self.day))
        if not gone and (set(self.post.sent) != sent or len(again) != actions):
            self.wrong.append("2: the second run adds something")
        self._heed(made)

    @rule()
    def relays(self) -> None:
        """Only what waits is sent: nothing is planned, no clock moves."""
        self._morning()
        counts = relay(self.world.engine, self.post.channels(), self.owners, self.world.clock, ceiling=self.world.settings.sending)
        self.done["relayed"] += counts.sent
        self._learn()
        self.meanwhile = None

    @rule(days=st.integers(1, 9))
    def tomorrow_early(self, days: int) -> None:
        """Another day, others missed perhaps: planned before the hours of contact, so that everything waits."""
        self._to(days, EARLY)
        self._run()

    @rule(days=st.integers(1, 5), who=WHO, changes=st.lists(st.sampled_from(BETWEEN), min_size=1, max_size=4))
    def changes_between(self, days: int, who: int, changes: list[str]) -> None:
        """1: a debtor's matters change after its message was made and before it is sent, day after day."""
        for number, what in enumerate(changes):
            self.owes_more(who + number, 0, 10_000)
            self.tomorrow_early(days)
            self._changes(self._waiting(who + number), what)
            self.relays()
            self.done["between"] += 1

    def _waiting(self, who: int) -> int:
        """A debtor whose message waits."""
        waits = select(MESSAGES.c.debtor_id).where(MESSAGES.c.state == "planned").distinct()
        waiting = {row.debtor_id for row in self.world.rows(waits)}
        choices = [number for number, one in enumerate(self.known.parties.values()) if one.id in waiting] or [0]
        return who // 4 * 4 + choices[who % len(choices)]

    def _changes(self, who: int, what: str) -> None:
        more: dict[str, Any] = {"pays": {"share": 1, "later": False}, "disputes": {"whole": who % 3 > 0, "later": False}}
        more |= {"promises": {"days": 2}, "agrees_on_terms": {"days": 3}, "consents_or_not": {"channel": "email", "later": False}}
        more |= {"is_held": {"days": 0}, "is_credited": {"share": 1, "loose": who % 2 > 0}, "pays_on_account": {"amount": 5000}}
        getattr(self, what)(who=who, **more.get(what, {}))

    @rule(troubles=st.lists(st.tuples(WHO, st.sampled_from(TROUBLE)), min_size=1, max_size=3), days=st.integers(4, 6))
    def days_with_trouble(self, troubles: list[tuple[int, str]], days: int) -> None:
        """9: something is wrong with debtors or their post, with a run every morning; the others owe, too."""
        for other in range(4):
            self.owes_more(other, -days, 10_000)
        for who, trouble in troubles:
            if trouble in BROKEN:
                self.is_broken(who, trouble)
            elif trouble == "letters":
                self.letters_fall_over(who, falls_over=True)
            else:
                self.answers(who, trouble)
        self.days_of_runs(days)
        for who, _ in troubles:
            self.answers(who, "taken")
            self.letters_fall_over(who, falls_over=False)
        self.days_of_runs(2)

    @rule(days=st.integers(1, 12))
    def days_pass(self, days: int) -> None:
        """Nobody runs anything for some days."""
        self._to(days, EARLY)

    @rule(days=st.integers(2, 9))
    def days_of_runs(self, days: int) -> None:
        """A run every morning."""
        for _ in range(days):
            self._to(1, MORNING)
            self.runs()

    # money

    @rule(who=WHO, days=st.integers(-25, 6), amount=st.integers(2000, 90000))
    def owes_more(self, who: int, days: int, amount: int) -> None:
        """Another invoice, perhaps long overdue."""
        due = self.day + timedelta(days)
        with connect(self.world.engine) as connection:
            self._invoice(connection, self._party(who), due, Decimal(amount) / 100)

    @rule(who=WHO, share=SHARES, later=st.booleans())
    def pays(self, who: int, share: int, later: bool) -> None:
        """An invoice is paid, or a part of it: now, or while the next run sends."""
        act = partial(self._pay, *self._paper(who), share)
        if later:
            self.meanwhile = act
        else:
            act()

    @rule(who=WHO)
    def pays_the_charges(self, who: int) -> None:
        """10: they are still owed once the principal is paid."""
        party, paper = self._paper(who)
        if paper.open == 0 and paper.charges > 0:
            self._pays(party, Receipt(paper.number, ZERO, paper.charges, self.world.clock(), self.day))
            self.done["charges paid"] += 1

    @rule(who=WHO, amount=st.integers(1, 9000))
    def pays_on_account(self, who: int, amount: int) -> None:
        """Money that no invoice gets."""
        party = self._party(who)
        party.on_account += Decimal(amount) / 100
        money = ledger.PaymentIn(self._key("a"), Decimal(amount) / 100, "EUR", self.day, party.id)
        with connect(self.world.engine) as connection:
            ledger.post_payment(connection, self.world.creditor, money, self._booked())

    @precondition(lambda self: self.known.receipts)
    @rule(which=WHO)
    def is_reversed(self, which: int) -> None:
        """A payment or a write-off is taken back: the invoice is open again."""
        receipt = self.known.receipts[-1 - which % len(self.known.receipts)]
        if receipt.is_reversed or receipt.transaction is None:
            return
        ref = receipt.transaction
        if self._change(lambda connection: ledger.reverse(connection, ref, self._booked())) is not None:
            receipt.is_reversed = True
            self.known.books(receipt, -1)
            if receipt.is_loss:
                self.known.papers()[receipt.paper].is_written_off = False
            self.done["reversed"] += 1

    @rule(who=WHO, share=SHARES, loose=st.booleans())
    def is_credited(self, who: int, share: int, loose: bool) -> None:
        """A credit note, for an invoice or for nothing yet."""
        party, paper = self._paper(who)
        amount = max(paper.open / share, Decimal(1)).quantize(Decimal("0.01"))
        note = ledger.InvoiceIn(party.id, self._key("CN"), self.day, self.day, "EUR", amount, "credit_note")
        booked = self._booked()
        with connect(self.world.engine) as connection:
            ledger.post_credit_note(connection, note, booked, to=None if loose else paper.id)
        taken = ZERO if loose else min(amount, max(paper.open, ZERO))
        party.credit += amount - taken
        if taken:
            receipt = Receipt(paper.number, taken, ZERO, booked.at, self.day)
            self.known.receipts.append(receipt)
            self.known.books(receipt)

    @rule(who=WHO)
    def is_waived(self, who: int) -> None:
        """10: charges end when they are waived."""
        _, paper = self._paper(who)
        made = self._change(lambda connection: ledger.waive(connection, paper.id, self._booked(self._key("w"))))
        assert (made is not None) == (paper.charges > 0)
        self.done["waived"] += paper.charges > 0
        paper.charges = ZERO

    @rule(who=WHO)
    def is_written_off(self, who: int) -> None:
        """A person gives an invoice up, with its charges; its plan ends."""
        _, paper = self._paper(who)
        if paper.open <= 0 or paper.is_written_off:
            return
        made = self._change(lambda connection: writeoff.write_off(connection, paper.id, "gone", self._at()))
        assert made is not None
        receipt = Receipt(paper.number, paper.open, paper.charges, self.world.clock(), self.day, made, is_loss=True)
        self.known.receipts.append(receipt)
        self.known.books(receipt)
        paper.is_written_off = True
        for plan in self.known.plans:
            plan.is_closed |= plan.paper == paper.number

    # cases

    @rule(who=WHO, whole=st.booleans(), later=st.booleans())
    def disputes(self, who: int, whole: bool, later: bool) -> None:
        """An objection to an invoice or ten euros of it: now, or while the next run sends."""
        act = partial(self._dispute, self._paper(who)[1], None if whole else Decimal(10))
        if later:
            self.meanwhile = act
        else:
            act()

    def _dispute(self, paper: Paper, part: Decimal | None) -> None:
        objection = disputes.Objection(paper.id, "other", part)
        with connect(self.world.engine) as connection:
            made = disputes.register(connection, objection, self.world.policy, self._at("debtor"))
        self.known.disputes.append(Dispute(made, paper.number, part, self.day + timedelta(3)))

    @precondition(lambda self: any(not one.is_closed for one in self.known.disputes))
    @rule(which=WHO)
    def dispute_ends(self, which: int) -> None:
        """The debtor is not right."""
        left = [one for one in self.known.disputes if not one.is_closed]
        one = left[which % len(left)]
        with connect(self.world.engine) as connection:
            disputes.reject(connection, one.id, self._at())
        one.is_closed = True

    @rule(who=WHO, days=st.integers(0, 6))
    def promises(self, who: int, days: int) -> None:
        """A word to pay all of an invoice."""
        party, paper = self._paper(who)
        if paper.open <= 0 or any(one.paper == paper.number and not one.is_closed for one in self.known.promises):
            return
        by, at = self.day + timedelta(days), self._at("debtor")
        with connect(self.world.engine) as connection:
            promises.make(connection, party.id, [paper.id], paper.open, by, self.world.policy, at)
        self.known.promises.append(Promise(paper.number, paper.open, at.now, by + timedelta(2)))

    @rule(who=WHO, days=st.integers(1, 5))
    def agrees_on_terms(self, who: int, days: int) -> None:
        """A payment plan of two terms, approved at once."""
        party, paper = self._paper(who)
        total = paper.open + paper.charges
        if paper.open < 20 or any(one.paper == paper.number and not one.is_closed for one in self.known.plans):
            return
        half = (total / 2).quantize(Decimal("0.01"))
        terms = [(self.day + timedelta(days), half), (self.day + timedelta(2 * days), total - half)]
        wanted, at = [Term(*term) for term in terms], self._at("debtor")
        with connect(self.world.engine) as connection:
            made = plans.propose(connection, party.id, [paper.id], self.world.policy, at, terms=wanted)
            plans.approve(connection, made, at._replace(by="ann"))
        self.known.plans.append(Plan(paper.number, terms, at.now))

    @rule(who=WHO)
    def insolvent_or_not(self, who: int) -> None:
        """Insolvency begins, or ends."""
        party = self._party(who)
        with connect(self.world.engine) as connection:
            if party.is_insolvent:
                insolvency.lift(connection, party.id, self._at())
            else:
                insolvency.declare(connection, party.id, self.day, self._at())
        party.is_insolvent = not party.is_insolvent

    @rule(who=WHO, days=st.integers(0, 4))
    def is_held(self, who: int, days: int) -> None:
        """A person says: not before."""
        party = self._party(who)
        party.held_until = self.day + timedelta(days)
        self._writes(party, {"hold_until": party.held_until}, {})

    @precondition(lambda self: self.seen or any(party.waits_for for party in self.known.parties.values()))
    @rule(which=WHO, answered=st.booleans())
    def task_is_done(self, which: int, answered: bool) -> None:
        """A person did something: a call was answered or not, a refusal was looked at."""
        left = self.world.rows(select(TASKS).where(TASKS.c.done_on.is_(None)).order_by(TASKS.c.id))
        if not left:
            return
        task, result = left[which % len(left)], "answered" if answered else "no answer"
        with connect(self.world.engine) as connection:
            done(connection, task.id, result, self._at())
        if task.kind == "call" and answered:
            self.known.moments[task.action_id].is_answered = True
            self.done["answered"] += 1
        if task.kind == "triage":
            for party in self.known.parties.values():
                party.waits_for.discard(task.action_id)

    # how debtors are reached, and what is wrong with them

    @rule(who=WHO, channel=st.sampled_from(["email", "letter"]), later=st.booleans())
    def consents_or_not(self, who: int, channel: str, later: bool) -> None:
        """Consent is withdrawn, or given again: now, or while the next run sends."""
        act = partial(self._consents, self._party(who), channel)
        if later:
            self.meanwhile = act
        else:
            act()

    def _consents(self, party: Party, channel: str) -> None:
        with connect(self.world.engine) as connection:
            parties.consent(connection, party.id, channel, channel in party.no_consent, self._at().now, "tests")
        party.no_consent ^= {channel}

    @rule(who=WHO)
    def moves(self, who: int) -> None:
        """Another e-mail address, which is tried again."""
        party = self._party(who)
        party.email, party.has_bounced = f"{self._key(party.key)}@customer.example", False
        party.broken = None if party.broken == "has no address" else party.broken
        with connect(self.world.engine) as connection:
            parties.save_contact(connection, party.id, email=party.email)

    @precondition(lambda self: any(one.channel == "email" and one.state == "sent" for one in self.post.sent.values()))
    @rule(which=WHO)
    def comes_back(self, which: int) -> None:
        """A mail bounces after it was accepted."""
        left = [one for one in self.post.sent.values() if one.channel == "email" and one.state == "sent"]
        one = left[-1 - which % len(left)]
        party = self.known.party_of(one.numbers[0])
        with connect(self.world.engine) as connection:
            report(connection, one.id, Outcome(State.BOUNCED, reason="5.1.1"), self._at().now, self.owners)
        one.state = "bounced"
        party.has_bounced |= self.post.address[one.id] == party.email
        self.done["bounced"] += 1

    @rule(who=WHO, what=st.sampled_from([*BROKEN, "mended", "mended"]))
    def is_broken(self, who: int, what: str) -> None:
        """Something about a debtor cannot be worked with, until it is mended."""
        party = self._party(who)
        if party.broken:
            self._writes(party, BROKEN[party.broken][2], {"name": "Desk", "email": party.email})
            party.broken = None
        elif what != "mended":
            self._writes(party, *BROKEN[what][:2])
            party.broken = what
            self.done[what] += 1

    @rule(who=WHO, answer=st.sampled_from(["recipient", "text", "busy", "broken", "reported", RAISES, "taken", "taken"]))
    def answers(self, who: int, answer: str) -> None:
        """From now on a debtor's mail is refused, postponed, lost, taken."""
        self._party(who).answers["email"] = answer

    @rule(who=WHO, falls_over=st.booleans())
    def letters_fall_over(self, who: int, falls_over: bool) -> None:
        """From now on whoever writes a debtor's letters falls over once they are written, or no longer."""
        self._party(who).answers["letter"] = RAISES if falls_over else "taken"


def drive(examples: int, steps: int = STEPS, *, derandomize: bool = True) -> Counter[str]:
    """Runs so many random examples; what happened in them. Raises where an invariant does not hold."""
    Days.done.clear()
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to shrink takes minutes
        derandomize=derandomize,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    run_state_machine_as_test(Days, settings=how)
    return Days.done
