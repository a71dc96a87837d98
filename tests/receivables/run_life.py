"""The world in which the machine of the run works: four debtors, a clock, senders that judge what they are handed, what is learnt of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from unittest.mock import patch
from zoneinfo import ZoneInfo

from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import Connection, select, update

from einvoice.database import connect
from einvoice.errors import ReceivablesError
from einvoice.outbox import Effect
from einvoice.receivables import law, ledger
from einvoice.receivables import run as running
from einvoice.receivables.cases.case import At
from einvoice.receivables.guard import ReceivablesOwner
from einvoice.receivables.store.tables import ACTIONS, CONTACTS, DEBTORS, PEOPLE, TAKEN, TASKS
from tests.receivables import books, run_checks
from tests.receivables.run_oracle import ENOUGH, RULES, ZERO, Known, Moment, Paper, Party, Receipt, Sent
from tests.receivables.run_post import RAISES, Post
from tests.receivables.run_world import EARLY, MORNING, World, world

HOME = {"street": "Main Street 1", "postcode": "1000 AA", "city": "Somewhere", "country": "NL"}
BROKEN: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "cannot be planned": ({"time_zone": "Mars/Base"}, {}, {"time_zone": None}),
    "cannot be composed": ({"name": ""}, {"name": None}, {"name": "Found"}),
    "has no address": ({}, {"email": "no address"}, {}),
}
"""What is wrong with a debtor: values of its row and of its contact, and the row's once it is mended."""
_TASKS = ("call", "hand_over", "decide", "repair_address")


class Life(RuleBasedStateMachine):
    """Four debtors and a clock that moves only forward."""

    done: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()
        folder = Path(self.opened.enter_context(TemporaryDirectory()))
        self.world: World = self.opened.enter_context(world(folder, rules=RULES))
        self.post = Post(folder / "letters", self.world.clock, self._heard)
        self.opened.enter_context(patch.object(running, "installed", lambda _: self.post.channels()))
        self.known = Known()
        self.owners = {"receivables": ReceivablesOwner(law.load())}
        self.wrong: list[str] = []
        self.numbers = 0
        self.seen: set[int] = set()  # tasks
        self.meanwhile: Callable[[], None] | None = None
        self.world.clock.now = EARLY
        self._begin()
        self.done["worlds"] += 1

    def teardown(self) -> None:
        """The world is gone."""
        self.opened.close()

    def _begin(self) -> None:
        with connect(self.world.engine) as connection:
            connection.execute(PEOPLE.insert().values(creditor_id=self.world.creditor, key="ann", name="Ann"))
            for number, (country, kind) in enumerate((("NL", "b2b"), ("BE", "b2b"), ("NL", "b2b"), ("NL", "b2c")), 1):
                key = f"d{number}"
                made = books.debtor(connection, self.world.creditor, key, email=f"{key}@customer.example", country=country, kind=kind)
                connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == made).values(phone="+31 6 00000000", address=HOME))
                party = Party(key, made, country, kind == "b2b", f"{key}@customer.example")
                self.known.parties[key] = party
                self._invoice(connection, party, self.day - timedelta(number), Decimal(100 * number))

    def _invoice(self, connection: Connection, party: Party, due: date, amount: Decimal) -> None:
        self.numbers += 1
        number = f"INV{self.numbers:04}"
        made = books.invoice(connection, party.id, number, str(amount), issued=min(due, self.day) - timedelta(20), due=due)
        party.papers.append(Paper(number, made, due, amount))

    # moments and choices

    @property
    def day(self) -> date:
        """Today where the creditor is."""
        return self.world.clock().astimezone(ZoneInfo("Europe/Amsterdam")).date()

    def _at(self, by: str = "ann") -> At:
        """The next moment."""
        self.world.clock.on(hours=1 / 3600)
        return At(self.day, self.world.clock(), by)

    def _booked(self, key: str | None = None) -> ledger.Booking:
        at = self._at()
        return ledger.Booking(at.day, at.by, at.now, key)

    def _key(self, what: str) -> str:
        self.numbers += 1
        return f"{what}{self.numbers}"

    def _party(self, who: int) -> Party:
        return list(self.known.parties.values())[who % len(self.known.parties)]

    def _paper(self, who: int) -> tuple[Party, Paper]:
        party = self._party(who)
        return party, party.papers[who // 7 % len(party.papers)]

    def _today(self) -> list[Moment]:
        """Moments that were begun or tried today."""
        found = [moment for moment in self.known.moments.values() if any(one.at.date() == self.day for one in moment.messages)]
        return found + [one for one in self.known.moments.values() if not one.messages and any(self._stepped(one))]

    def _stepped(self, moment: Moment) -> list[bool]:
        papers = self.known.papers()
        return [(self.day, moment.step) in papers[number].steps for number in moment.numbers]

    def _run(self) -> Any:
        self._clocks()
        made = self.world.run()
        self._learn()
        return made

    def _heed(self, made: Any) -> None:
        self.done["failures"] += len(made.failures)
        self.meanwhile = None

    def _clocks(self) -> None:
        self.known.tick(self.day)
        self.known.count(self.world.clock(), self.day)

    def _begins(self) -> set[str]:
        """What a run does first: the clocks. Who must hear of us in it."""
        self._clocks()
        if self.meanwhile is not None:
            return set()
        return {party.key for party in self.known.parties.values() if self.known.must_hear(party, self.day)}

    def _morning(self) -> None:
        """Ten o'clock, or a little later."""
        start = MORNING.replace(year=self.day.year, month=self.day.month, day=self.day.day)
        self.world.clock.now = max(self.world.clock.now + timedelta(seconds=1), start)

    def _to(self, days: int, hour: Any) -> None:
        there = self.day + timedelta(days)
        self.world.clock.now = hour.replace(year=there.year, month=there.month, day=there.day)

    # what a sender sees

    def _heard(self, effect: Effect, sent: Sent) -> str:
        """1 and 13, at the very moment of sending."""
        self.done["handed in"] += 1
        if not sent.numbers:
            self.wrong.append(f"13: {sent.key} names no invoice")
            return "taken"
        party = self.known.party_of(sent.numbers[0])
        self.wrong += [f"1: {sent.key} {reason}" for reason in self._objections(effect, sent, party)]
        if self.meanwhile is not None:
            change, self.meanwhile = self.meanwhile, None
            change()
            self.done["meanwhile"] += 1
        answer = party.answers.get(sent.channel, "taken")
        self.done[f"answer {answer}"] += 1
        if answer == "text":
            party.waits_for.add(sent.action)
        if answer == "recipient":
            party.has_bounced = True
        if answer in ("busy", RAISES):
            party.postponed = self.day
        return answer

    def _objections(self, effect: Effect, sent: Sent, party: Party) -> list[str]:
        known, found = self.known, []
        if {known.party_of(number).key for number in sent.numbers} != {party.key}:
            found.append("is about several debtors")
        found += [f"{number}: {why}" for number in sent.numbers if (why := known.stopped(party, number, self.day))]
        if sent.channel in party.no_consent:
            found.append("consent is withdrawn")
        if sent.channel == "email" and (party.has_bounced or effect.address != party.email):
            found.append(f"goes to {effect.address}")
        with connect(self.world.engine) as connection:
            query = select(TAKEN.c.invoice_id, TAKEN.c.amount).where(TAKEN.c.action_id == sent.action, TAKEN.c.live.is_(True)).distinct()
            asked = {row.invoice_id: row.amount for row in connection.execute(query)}
        mine = {paper.id: paper.number for paper in party.papers}
        if {mine[ref] for ref in asked} != set(sent.numbers):
            found.append("asks for other invoices than it names")
        found += [f"asks {amount} of {mine[ref]}" for ref, amount in asked.items() if amount > known.askable(mine[ref])]
        free = sum((known.askable(paper.number) for paper in party.papers), ZERO)
        if sum(asked.values(), ZERO) > max(free - party.on_account - party.credit, ZERO):
            found.append("asks for what credits cover")
        return found

    def _learn(self) -> None:
        """What the debtors, and the people of the creditor, have got since."""
        steps = {row.id: row for row in self.world.rows(select(ACTIONS.c.id, ACTIONS.c.step, ACTIONS.c.day))}
        papers = self.known.papers()
        for one in self.post.sent.values():
            moment = self.known.moments.setdefault(one.action, Moment(steps[one.action].step, one.numbers))
            if one not in moment.messages:
                moment.messages = [other for other in moment.messages if other.id != one.id] + [one]
            if one.may_have_arrived:
                self._took(moment, steps[one.action].day, papers)
        for task in self.world.rows(select(TASKS).where(TASKS.c.kind.in_(_TASKS), TASKS.c.action_id.is_not(None))):
            if task.id in self.seen or task.result == "withdrawn":
                continue
            self.seen.add(task.id)
            numbers = tuple(number for number, paper in papers.items() if paper.id in task.invoices)
            moment = self.known.moments.setdefault(task.action_id, Moment(steps[task.action_id].step, numbers))
            self._took(moment, steps[task.action_id].day, papers)
            self.done[f"task {task.kind}"] += 1
            if task.kind == "hand_over":
                short = [number for number in numbers if papers[number].contacts < ENOUGH]
                self.wrong += [f"5: {number} is handed over after {papers[number].contacts} contacts" for number in short]
        run_checks.learn_charges(self.world, self.known)

    def _took(self, moment: Moment, day: date, papers: dict[str, Paper]) -> None:
        for number in moment.numbers:
            if all(step != moment.step for _, step in papers[number].steps):
                papers[number].steps.append((day, moment.step))

    def _change(self, act: Callable[[Connection], Any]) -> Any:
        """Does something in a transaction of its own; None where it is refused."""
        with suppress(ReceivablesError), connect(self.world.engine) as connection:
            return act(connection)
        self.done["refused"] += 1
        return None

    def _writes(self, party: Party, row: dict[str, Any], contact: dict[str, Any]) -> None:
        with connect(self.world.engine) as connection:
            if row:
                connection.execute(update(DEBTORS).where(DEBTORS.c.id == party.id).values(row))
            if contact:
                connection.execute(update(CONTACTS).where(CONTACTS.c.debtor_id == party.id).values(contact))

    def _pay(self, party: Party, paper: Paper, share: int) -> None:
        if paper.open > 0 and not paper.is_written_off:
            self._pays(party, Receipt(paper.number, (paper.open / share).quantize(Decimal("0.01")), ZERO, self.world.clock(), self.day))

    def _pays(self, party: Party, receipt: Receipt) -> None:
        booked, paper = self._booked(), self.known.papers()[receipt.paper]
        amount = receipt.principal + receipt.charges
        money = ledger.PaymentIn(self._key("p"), amount, "EUR", self.day, party.id)
        with connect(self.world.engine) as connection:
            made = ledger.post_payment(connection, self.world.creditor, money, booked, to=[(paper.id, amount)])
        receipt.transaction, receipt.at = made.transaction, booked.at
        self.known.receipts.append(receipt)
        self.known.books(receipt)

    @invariant()
    def holds(self) -> None:
        """Nothing was found wrong, and what is kept is what happened."""
        if self.post.sent:
            self.wrong += run_checks.wrong(self.world, self.known, self.post)
            self.done["charges"] = max(self.done["charges"], sum(paper.booked > 0 for paper in self.known.papers().values()))
        assert not self.wrong, json.dumps(self.wrong, indent=1)
