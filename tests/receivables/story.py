"""One invoice from its due date to the agency: each day runs as it would, and everything that happens to it is written down.

Mail goes through a real SMTP server, SMS to a server that behaves as Twilio's API says and reports by signed webhook, letters into the
print folder, the dossier by mail to the agency. Days pass on a fake clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

import einvoice
from einvoice.database import connect, reading
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables import law, ledger
from einvoice.receivables.cases import disputes, plans, tasks
from einvoice.receivables.cases.case import At
from einvoice.receivables.cases.disputes import Objection
from einvoice.receivables.demo import business, einvoices
from einvoice.receivables.demo.customers import customers
from einvoice.receivables.demo.sales import Item, Sale
from einvoice.receivables.incoming.hearing import receive
from einvoice.receivables.incoming.hooks.installed import hooks
from einvoice.receivables.ledger import parties
from einvoice.receivables.ledger.einvoices import from_einvoice
from einvoice.receivables.store.tables import DISPUTES, HOLDS, INVOICES, PLANS, TASKS
from einvoice.settings.providers import Agency
from tests.providers.messaging import PROVIDERS, served
from tests.receivables import books
from tests.receivables.run_world import World
from tests.smtp import serving

POLICY = """
version: 1
name: story
limits: {min_contacts_before_collection: 4}
payment_plans: {max_instalments: 6, min_instalment: 25, max_days: 180, auto_approve_below: 100, on_missed: {grace_days: 5, then: resume}}
prelude: [{id: pre, offset: -1, all_of: [email], firmness: 0, voice: friendly, contents: [paylink]}]
segments: [{id: all, when: "true", flow: f}]
flows:
  f:
    - {id: r1, offset: 1, all_of: [email], firmness: 1, voice: friendly, contents: [paylink, invoice_spec]}
    - {id: r2, offset: 8, all_of: [sms], firmness: 1, voice: short, contents: [paylink]}
    - {id: r3, offset: 14, all_of: [call], firmness: 2, voice: personal_solution}
    - {id: r4, offset: 28, all_of: [letter], firmness: 3, voice: formal, contents: [legal_consequences]}
    - {id: r5, offset: 60, handover: collection_agency, final: true}
"""
NUMBER, ISSUED, DUE = "2026-000042", date(2026, 8, 10), date(2026, 9, 9)
_FIRST, _LAST = date(2026, 9, 7), date(2026, 11, 20)
_RESOLVED_AFTER = timedelta(days=7)
_PROPOSED = date(2026, 10, 13)


class Told(NamedTuple):
    """What happened on a day."""

    day: date
    what: str


class Story:
    """The days, and what happened on each."""

    def __init__(self, made: World, service: Any, debtor: int, invoice: int) -> None:
        self.made = made
        self.service = service
        self.debtor = debtor
        self.invoice = invoice
        self.told: list[Told] = []
        self._hooks = hooks(made.settings)

    def live(self) -> None:
        """Every weekday from before the due date to after the hand-over."""
        day = _FIRST
        while day <= _LAST:
            if day.weekday() < 5:
                self._day(day)
            day += timedelta(days=1)

    def _say(self, what: str) -> None:
        self.told.append(Told(self.made.clock().date(), what))

    def _day(self, day: date) -> None:
        report = self.made.run(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))
        assert not report.failures, report.failures
        for name in (*report.queued, *(f"task {kind}" for kind in report.tasks)):
            self._say(name)
        self._report_sms()
        with connect(self.made.engine) as connection:
            self._people(connection, At(day, self.made.clock(), "noor"))
        self._cases()

    def _report_sms(self) -> None:
        """Twilio says that an SMS arrived, as soon as it has one."""
        sent = self.made.rows(select(OUTBOX.c.provider).where(OUTBOX.c.channel == "sms", OUTBOX.c.state == "sent"))
        for row in sent:
            call = PROVIDERS["twilio"].calls(row.provider, "delivered", self.made.clock(), None)
            assert receive(self.made.engine, self._hooks, "twilio", call, self.made.clock(), law=law.load()).status == 204
            self._say("sms delivered")

    def _people(self, connection: Any, at: At) -> None:
        """Somebody calls, and hears an objection; it is answered a week later; the debtor proposes a plan, and pays none of it."""
        for task in connection.execute(select(TASKS.c.id).where(TASKS.c.kind == "call", TASKS.c.done_on.is_(None))).all():
            tasks.done(connection, task.id, "answered", at)
            disputes.register(connection, Objection(self.invoice, "delivery_quality", None, "two of them leak"), self.made.policy, at)
            self._say("dispute opened")
        for row in connection.execute(select(DISPUTES).where(DISPUTES.c.closed_on.is_(None))).all():
            if at.day >= row.opened_on + _RESOLVED_AFTER:
                disputes.reject(connection, row.id, at, "they were replaced on 2026-08-14")
                self._say("dispute resolved")
        if at.day == _PROPOSED:
            plan = plans.propose(connection, self.debtor, [self.invoice], self.made.policy, at._replace(by="debtor"))
            plans.approve(connection, plan, at)
            self._say("plan active")

    def _cases(self) -> None:
        """What the clocks did to the plan, and where the invoice stands."""
        for row in self.made.rows(select(PLANS.c.state)):
            if row.state == "broken" and not any(one.what == "plan broken" for one in self.told):
                self._say("plan broken")
        stage = self.made.rows(select(INVOICES.c.stage))[0].stage
        if stage == "handed_over" and not any(one.what == "handed over" for one in self.told):
            self._say("handed over")

    def held_on(self, day: date) -> set[str]:
        """The reasons for which follow-up was paused on a day."""
        rows = self.made.rows(select(HOLDS))
        return {row.reason for row in rows if row.since <= day and (row.ended_on is None or day < row.ended_on)}


@contextmanager
def story(folder: Path) -> Iterator[Story]:
    """A company that owes one e-invoice, kept as it was issued, to a creditor who is live."""
    with (
        books.database(folder) as engine,
        serving(folder / "mail.log") as mail,
        served(PROVIDERS["twilio"], folder) as (service, found),
    ):
        agency = Agency("incasso", "Incasso Noord", ("collection_agency",), email="dossiers@incasso.example", language="nl")
        smtp = found.smtp._replace(host=mail.host, port=mail.port, security="none", sender="ar@acme.example")
        settings = found._replace(
            smtp=smtp,
            receivables=found.receivables._replace(print_folder=folder / "letters"),
            sending=found.sending._replace(workers=1),
            channels=found.channels._replace(whatsapp=None, computer_call=None),
            agencies=(agency,),
        )
        made = World(engine, settings, POLICY)
        made.clock.now = datetime(2026, 9, 1, 9, tzinfo=UTC)
        debtor, invoice = _owed(made)
        yield Story(made, service, debtor, invoice)


def _owed(made: World) -> tuple[int, int]:
    """The debtor and its invoice."""
    who = next(one for one in customers(400, _FIRST, 3) if one.kind == "b2b" and one.country == "NL")
    sale = Sale(NUMBER, who, ISSUED, DUE, (Item("Water cooler", "C62", 10, Decimal("100.00")),), "sale", "Noor", "RF712026000042")
    with connect(made.engine) as connection:
        parties.save_creditor(connection, "acme", **{name: value for name, value in business.BUSINESS.items() if name != "language"})
        parties.save_person(connection, made.creditor, "noor", name="Noor de Graaf")
        debtor = parties.save_debtor(
            connection, made.creditor, who.key, name=who.name, kind="b2b", country="NL", language="nl", size="small"
        )
        address = {"street": who.street, "postcode": who.postcode, "city": who.city, "country": "NL"}
        parties.save_contact(connection, debtor, name=who.name, email="finance@customer.example", phone="+31655500001", address=address)
        invoice, data = einvoices.document(sale, business.BUSINESS)
        assert einvoice.read(data) == invoice
        booked = ledger.Booking(ISSUED, "tests", made.clock())
        posted = from_einvoice(connection, made.creditor, invoice, booked, debtor=debtor, data=data)
        return debtor, posted.id


def kept(made: World) -> Mapping[str, list[bytes]]:
    """Every document that is kept, by its kind: papers, and what went out by channel."""
    from einvoice.receivables.store.tables import PAPERS

    found: dict[str, list[bytes]] = {}
    with reading(made.engine) as connection:
        for row in connection.execute(select(PAPERS.c.kind, PAPERS.c.data).order_by(PAPERS.c.id)):
            found.setdefault(row.kind, []).append(row.data)
        for sent in connection.execute(select(OUTBOX.c.channel, OUTBOX.c.payload, OUTBOX.c.owner).order_by(OUTBOX.c.id)):
            if sent.payload:
                found.setdefault(f"{sent.owner} {sent.channel}", []).append(sent.payload)
    return found
