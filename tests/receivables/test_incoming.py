"""What is heard: once, in any order, before or after our own transactions, and none stops another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import select, update

from einvoice.database import connect
from einvoice.errors import DatabaseError, ReceivablesError
from einvoice.outbox import Outcome, State
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables.incoming import hearing
from einvoice.receivables.incoming.following import Came
from einvoice.receivables.incoming.hearing import FOLLOW, MOST_BODY, from_json, receive, to_json
from einvoice.receivables.incoming.port import Answer, Heard, News, Request, Untrusted
from einvoice.receivables.store.tables import CONTACTS, INCOMING, INVOICES, TASKS
from tests.receivables.news import ARRIVED, CAME_BACK, FULL, REFUSED, TAKEN, again, events, heard, message, provided, results, rules, told
from tests.receivables.run_world import World, world
from tests.smtp import Mailbox, serving

NOTICE = rules("    - {id: r1, offset: 2, all_of: [email], document: statutory_notice, firmness: 3}\n")


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with serving(tmp_path_factory.mktemp("mail") / "mail.log") as found:
        yield found


@pytest.fixture
def made(tmp_path: Path, mail: Mailbox) -> Iterator[World]:
    with world(tmp_path, mail) as found:
        found.debtor("a")
        found.run()
        yield found


def test_a_mail_is_known_by_its_message_id(made: World) -> None:
    row = message(made)
    assert row.state == "sent"
    assert f"Message-ID: {row.provider}".encode() in row.payload


def test_the_same_news_is_heard_once_and_followed_up_once(made: World) -> None:
    news = told(made, CAME_BACK)
    assert heard(made, [news, news]) == {"heard": 1, "known": 1, "settled": 1}
    assert heard(made, [news]) == {"known": 1}
    assert heard(made, [news._replace(key="n2")]) == {"heard": 1, "settled": 1}
    assert made.states() == {"actions": ["done"], "messages": ["bounced"], "outbox": ["bounced"], "tasks": ["repair_address"]}
    assert events(made).count("message.bounced") == 1
    assert made.rows(select(CONTACTS.c.email_bounced_on))[0][0] == made.clock().date()
    assert {row.debtor_id for row in made.rows(select(INCOMING))} == {1}


@pytest.mark.parametrize("order", list(permutations([TAKEN, ARRIVED, CAME_BACK])))
def test_news_in_any_order_come_to_the_same(made: World, order: tuple[Outcome, ...]) -> None:
    for number, outcome in enumerate(order):
        assert heard(made, [told(made, outcome, f"n{number}")])["settled"] == 1
    assert message(made).state == "bounced"
    assert events(made).count("message.bounced") == 1


def test_a_late_sent_after_delivered_is_no_fault(made: World) -> None:
    heard(made, [told(made, ARRIVED)])
    heard(made, [told(made, TAKEN, "n2")])
    assert [word for word, _ in results(made)] == ["sent became delivered", "late"]
    assert message(made).state == "delivered"


def test_what_the_provider_took_and_the_network_refused_came_back(made: World) -> None:
    heard(made, [told(made, REFUSED)])
    assert message(made).state == "bounced"


def test_news_before_our_own_transaction_ended_is_kept_and_looked_at_again(made: World) -> None:
    news = told(made, CAME_BACK)
    for provider, state in ((None, State.SENT), (news.provider, State.SENDING)):
        provided(made, provider, state)
        assert heard(made, [news._replace(key=f"{state}")])["kept"] == 1
    provided(made, news.provider, State.SENT)
    assert again(made) == {"news.settled": 2}
    assert message(made).state == "bounced"
    assert again(made) == {}


def test_a_run_looks_again_and_gives_up_after_a_month(made: World) -> None:
    heard(made, [told(made, CAME_BACK, provider="<nobody's@acme.example>")])
    made.clock.on(days=1)
    made.run()
    assert results(made) == [("waits", False)]
    made.clock.on(days=30)
    assert made.run().clocks["news.given_up"] == 1
    assert results(made) == [("given up", True)]


def test_our_own_key_is_believed_before_the_providers_id(made: World) -> None:
    assert heard(made, [told(made, ARRIVED, provider="CA1", effect=message(made).key)])["settled"] == 1
    assert message(made).state == "delivered"


def test_a_report_of_another_channel_is_not_ours(made: World) -> None:
    assert heard(made, [told(made, CAME_BACK, channel="sms")])["kept"] == 1
    assert message(made).state == "sent"


def test_a_copy_that_came_back_says_nothing_of_the_message(made: World) -> None:
    with connect(made.engine) as connection:
        connection.execute(update(OUTBOX).values(address="a@customer.example, cfo@customer.example"))
    heard(made, [told(made, CAME_BACK, recipients=["CFO@customer.example"])])
    assert message(made).state == "sent"
    heard(made, [told(made, CAME_BACK, "n2", recipients=["a@customer.example"])])
    assert message(made).state == "bounced"


def test_a_mailbox_that_is_full_is_no_wrong_address(made: World) -> None:
    heard(made, [told(made, FULL)])
    assert message(made).state == "bounced"
    assert made.states()["tasks"] == []
    assert made.rows(select(CONTACTS.c.email_bounced_on))[0][0] is None


def test_an_unknown_message_that_arrived_needs_nobody_any_more(tmp_path: Path, mail: Mailbox) -> None:
    with world(tmp_path, mail) as made:
        made.debtor("a", email="break@customer.example")
        made.run()
        assert made.states()["tasks"] == ["unknown"]
        assert message(made).provider is not None
        heard(made, [told(made, ARRIVED)])
        assert (message(made).state, made.states()["tasks"]) == ("delivered", [])


def test_a_message_that_arrived_is_not_sent_a_second_time(made: World) -> None:
    provided(made, message(made).provider, State.PLANNED)
    heard(made, [told(made, ARRIVED)])
    assert message(made).state == "delivered"
    assert made.run().sent.sent == 0


def test_a_notice_that_came_back_was_not_given(tmp_path: Path, mail: Mailbox) -> None:
    with world(tmp_path, mail, rules=NOTICE) as made:
        made.debtor("a", kind="b2c")
        made.run(datetime.fromisoformat("2026-11-03T10:00:00+00:00"))
        given = select(INVOICES.c.notice, INVOICES.c.notice_on, INVOICES.c.costs_stated)
        assert made.rows(given)[0].notice == "nl-14-day-letter"
        heard(made, [told(made, CAME_BACK)])
        assert tuple(made.rows(given)[0]) == (None, None, None)


def test_what_fails_is_kept_and_stops_nothing(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> Came:
        raise RuntimeError

    monkeypatch.setitem(FOLLOW, "pressed", fails)
    assert heard(made, [News("x", "pressed"), News("y", "nothing we know"), told(made, ARRIVED)]) == {"heard": 3, "kept": 2, "settled": 1}
    assert results(made) == [("failed", False), ("waits", False), ("sent became delivered", True)]
    monkeypatch.setitem(FOLLOW, "pressed", lambda *_: Came("done"))
    assert again(made) == {"news.settled": 1}


def test_news_is_kept_as_it_was() -> None:
    whole = News("k", "status", "p", Outcome(State.DELIVERED, "p", "x", "why", 2.5, True), "+31", "t\0\ud800", None, {"a": [1]})
    assert from_json("k", "status", to_json(whole)) == whole
    moment = News("k", "reply", at=datetime.fromisoformat("2026-11-02T09:00:00+00:00"))
    assert from_json("k", "reply", to_json(moment)) == moment


def test_two_at_once_hear_it_once(tmp_path: Path, mail: Mailbox, postgres: str) -> None:
    with world(tmp_path, mail, url=postgres) as made:
        made.debtor("a")
        made.run()
        news, counts, start = told(made, CAME_BACK), [], threading.Barrier(4)

        def hear_it() -> None:
            start.wait()
            counts.append(heard(made, [news]))

        threads = [threading.Thread(target=hear_it) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(count.get("heard", 0) for count in counts) == 1
        assert events(made).count("message.bounced") == 1
        assert len(made.rows(select(TASKS))) == 1


class Hook:
    """A hook that says what it is told to."""

    name = "tests"

    def __init__(self, says: Heard | Exception) -> None:
        self.says = says

    def heard(self, request: Request, now: datetime) -> Heard:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@pytest.mark.parametrize(
    ("says", "request_", "status"),
    [
        (Heard((), Answer(204)), Request("POST", "https://x.example/", {}), 204),
        (Untrusted("no signature"), Request("POST", "https://x.example/", {}), 403),
        (ReceivablesError("no form"), Request("POST", "https://x.example/", {}), 400),
        (DatabaseError("away"), Request("POST", "https://x.example/", {}), 503),
        (RuntimeError("a bug"), Request("POST", "https://x.example/", {}), 500),
        (Heard(), Request("POST", "https://x.example/", {}, b"x" * (MOST_BODY + 1)), 413),
        (Heard(), Request("POST", "https://x.example/" + "x" * 9_000, {}), 414),
        (Heard(tuple(News(str(number), "status") for number in range(1_001))), Request("POST", "https://x.example/", {}), 413),
    ],
)
def test_every_call_is_answered(made: World, says: Heard | Exception, request_: Request, status: int) -> None:
    assert receive(made.engine, {"tests": Hook(says)}, "tests", request_, made.clock()).status == status
    assert made.rows(select(INCOMING)) == []
    assert receive(made.engine, {"tests": Hook(says)}, "others", request_, made.clock()).status == 404


def test_what_a_call_tells_is_followed_up_and_what_needs_the_network_comes_after(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def settles(*_: object) -> None:
        seen.append(len(made.rows(select(INCOMING))))
        raise RuntimeError("the provider is away")

    monkeypatch.setitem(hearing.AFTER, "payment", settles)
    hook = Hook(Heard((told(made, CAME_BACK), News("p", "payment", "tr_1")), Answer(200, b"<ok/>", "text/xml")))
    request = Request("POST", "https://x.example/", {})
    answer = receive(made.engine, {"tests": hook}, "tests", request, made.clock(), settings=made.settings)
    assert (answer, message(made).state, seen) == (Answer(200, b"<ok/>", "text/xml"), "bounced", [2])
