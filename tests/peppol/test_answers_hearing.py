"""Answers that come: what they are about, who may say so, what follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Connection, Engine, select, update

from einvoice.database import connect, migrate, open_database
from einvoice.errors import PeppolError, Unreadable
from einvoice.events import InvoiceResponse, Status
from einvoice.outbox import Effect, Outcome, Permission, Resend, State, add
from einvoice.outbox.tables import EVENTS, OUTBOX
from einvoice.samples import sample
from einvoice_peppol.answers import creating, hearing
from einvoice_peppol.answers.answer import ACTIONS, SPECIFICATIONS, Answer, Clarification, Issue, Kind
from einvoice_peppol.answers.writing import write
from einvoice_peppol.bodies import Bodies
from einvoice_peppol.identifiers import Participant
from einvoice_peppol.inbox import Incoming
from einvoice_peppol.sbdh.header import Header
from einvoice_peppol.sbdh.wrapping import wrap
from einvoice_peppol.tables import INBOX, OUTGOING

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
SELLER, BUYER = Participant("0208", "0123456749"), Participant("0106", "12345678")
INVOICE = sample()


def came(
    data: bytes,
    folder: Path,
    sender: Participant = BUYER,
    receiver: Participant = SELLER,
    access_point: str = "PNL000456",
    instance_id: str = "answer-instance",
) -> Incoming:
    """A message of the inbox, in its envelope."""
    kind, bodies, into = SPECIFICATIONS[Kind.MLS], Bodies(folder), BytesIO()
    wrap(BytesIO(data), Header(sender, receiver, kind.document, kind.process, "NL", instance_id, NOW), into)
    told: dict[str, Any] = {
        "id": 1,
        "message_id": "answer@1",
        "instance_id": instance_id,
        "access_point": access_point,
        "via": "as4",
        "attempts": 1,
    }
    told |= {"sender": sender, "receiver": receiver, "mls_to": None, "mls_type": None, "kind": "mls", "country": "NL"}
    times: dict[str, Any] = {"sent_at": NOW, "received_at": NOW}
    return Incoming(**told, **times, document_type=kind.document, process=kind.process, body=bodies.of(into.getvalue()), bodies=bodies)


class About(NamedTuple):
    """What is answered."""

    sender: Participant = SELLER
    receiver: Participant = BUYER
    instance_id: str = "instance-1"
    access_point: str = "PBE000123"
    mls_to: Participant | None = None


@dataclass
class Listening:
    """An owner that writes down what it hears."""

    heard: list[tuple[State, str | None]] = field(default_factory=list)

    def may_send(self, connection: Any, effect: Effect, now: datetime) -> Permission:
        """Yes."""
        return Permission()

    def happened(self, connection: Any, effect: Effect, was: State, outcome: Outcome, now: datetime) -> None:
        """Writes it down."""
        self.heard.append((outcome.state, outcome.reason))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database with a message that went out and one that came in."""
    made = open_database(f"sqlite:///{tmp_path}/peppol.db")
    migrate(made)
    with connect(made) as connection:
        _sent(connection)
        connection.execute(INBOX.insert().values(_in_the_inbox()))
    yield made
    made.dispose()


def _sent(connection: Connection, number: str | None = INVOICE.number, receiver: Participant = BUYER, key: str = "peppol:1") -> None:
    document = {"document_scheme": "s", "document_type": "d", "process_scheme": "p", "process": "p", "document_hash": "0" * 64}
    row = {
        "key": key,
        "subject": "invoice:17",
        "kind": "invoice",
        "number": number,
        "via": "as4",
        "state": "sent",
        "next_at": NOW,
        "country": "BE",
    }
    parties: dict[str, Any] = {
        "sender": SELLER.id,
        "receiver": receiver.id,
        "size": 1,
        "verdict": "valid",
        "instance_id": "instance-1",
        "access_point": "PNL000456",
    }
    connection.execute(OUTGOING.insert().values({**document, **row, **parties, "created_at": NOW}))
    effect = Effect(key, "peppol", "peppol:1", "peppol", "https://localhost/as4", b"x", resend=Resend.SAME_BYTES)
    add(connection, effect, NOW)
    connection.execute(update(OUTBOX).where(OUTBOX.c.key == key).values(state="sent", sent_at=NOW))


def _in_the_inbox() -> dict[str, Any]:
    document = {"document_scheme": "s", "document_type": "d", "process_scheme": "p", "process": "p", "document_hash": "1" * 64}
    row = {
        "message_id": "answer@1",
        "instance_id": "answer-instance",
        "access_point": "PNL000456",
        "via": "as4",
        "kind": "invoice_response",
    }
    return {**document, **row, "sender": "x", "receiver": "y", "size": 1, "state": "received", "next_at": NOW, "received_at": NOW}


def _query(**changed: Any) -> Answer:
    said = [Clarification("PRI", text="9.99 was agreed"), Clarification("NIN", ACTIONS)]
    return creating.to_invoice(INVOICE, Status.UNDER_QUERY, About(), NOW, clarifications=said)._replace(**changed)


def test_an_invoice_response_becomes_an_event_that_is_followed(engine: Engine, tmp_path: Path) -> None:
    followed: list[InvoiceResponse] = []
    handler = hearing.AnswerHandler({}, [lambda _connection, event: followed.append(event)])
    with connect(engine) as connection:
        heard = handler.handle(connection, came(write(_query()), tmp_path))
        assert heard.about is not None
        assert connection.scalar(select(INBOX.c.about)) == heard.about.id
        assert connection.scalar(select(EVENTS.c.type)) == "invoice.response"
    assert [(event.invoice, event.number, event.status) for event in followed] == [("17", INVOICE.number, Status.UNDER_QUERY)]
    assert [reason.code for reason in followed[0].reasons] == ["PRI"]
    assert [action.code for action in followed[0].actions] == ["NIN"]


def test_nobody_else_answers_an_invoice(engine: Engine, tmp_path: Path) -> None:
    other = Participant("0106", "87654321")
    with connect(engine) as connection:
        heard = hearing.AnswerHandler({}).handle(connection, came(write(_query(sender=other)), tmp_path, other))
        assert heard.about is None
        assert connection.scalar(select(INBOX.c.reason)) is not None
        assert connection.scalar(select(EVENTS.c.type)) is None


def test_an_answer_speaks_for_who_sent_it(engine: Engine, tmp_path: Path) -> None:
    with connect(engine) as connection, pytest.raises(PeppolError):
        hearing.AnswerHandler({}).handle(connection, came(write(_query(sender=Participant("0106", "87654321"))), tmp_path))


def test_a_broken_answer_is_refused_with_what_it_breaks(engine: Engine, tmp_path: Path) -> None:
    with connect(engine) as connection, pytest.raises(Unreadable) as refused:
        hearing.AnswerHandler({}).handle(connection, came(write(_query(clarifications=())), tmp_path))
    assert [finding.rule for finding in refused.value.findings] == ["PEPPOL-T111-R001"]


def test_a_rejection_without_a_reason_but_a_wish_is_heard(engine: Engine, tmp_path: Path) -> None:
    with connect(engine) as connection:
        heard = hearing.AnswerHandler({}).handle(
            connection, came(write(_query(code="RE", clarifications=(Clarification("NIN", ACTIONS),))), tmp_path)
        )
    assert heard.event is not None
    assert [reason.code for reason in heard.event.reasons] == ["NON"]


def _status(code: str, folder: Path, seat: str = "PNL000456") -> Incoming:
    issues = [Issue("/Invoice", "no", "BV")] if code == "RE" else []
    answer = creating.to_message(About(), seat, code, NOW, text="no" if code == "RE" else None, issues=issues)
    return came(write(answer), folder, answer.sender, answer.receiver, seat)


@pytest.mark.parametrize(("code", "state"), [("AP", State.DELIVERED), ("AB", State.DELIVERED), ("RE", State.BOUNCED)])
def test_a_status_is_what_became_of_the_message(engine: Engine, tmp_path: Path, code: str, state: State) -> None:
    owner = Listening()
    handler = hearing.AnswerHandler({"peppol": owner})
    with connect(engine) as connection:
        handler.handle(connection, _status(code, tmp_path))
        handler.handle(connection, _status(code, tmp_path))
        assert connection.scalar(select(OUTBOX.c.state)) == state
    assert [heard for heard, _ in owner.heard] == [state]


def test_a_rejection_after_an_acceptance_counts_and_not_the_other_way(engine: Engine, tmp_path: Path) -> None:
    owner = Listening()
    handler = hearing.AnswerHandler({"peppol": owner})
    with connect(engine) as connection:
        for code in ("AB", "RE", "AP"):
            handler.handle(connection, _status(code, tmp_path))
    assert [heard for heard, _ in owner.heard] == [State.DELIVERED, State.BOUNCED]


@pytest.mark.parametrize("state", ["sending", "planned"])
def test_a_status_waits_while_an_attempt_is_under_way(engine: Engine, tmp_path: Path, state: str) -> None:
    owner = Listening()
    with connect(engine) as connection:
        connection.execute(update(OUTBOX).values(state=state))
        with pytest.raises(PeppolError):
            hearing.AnswerHandler({"peppol": owner}).handle(connection, _status("AP", tmp_path))
    assert owner.heard == []


def test_a_status_proves_what_was_given_up(engine: Engine, tmp_path: Path) -> None:
    owner = Listening()
    with connect(engine) as connection:
        connection.execute(update(OUTBOX).values(state="dead"))
        hearing.AnswerHandler({"peppol": owner}).handle(connection, _status("AP", tmp_path))
    assert [heard for heard, _ in owner.heard] == [State.DELIVERED]


def test_a_status_of_another_access_point_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    owner = Listening()
    with connect(engine) as connection:
        assert hearing.AnswerHandler({"peppol": owner}).handle(connection, _status("RE", tmp_path, "PNL000999")).about is None
    assert owner.heard == []
