"""Payments by link at providers' local servers: one payment for the same money, booked once, taken back to the cent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from einvoice.database import connect
from einvoice.errors import ReceivablesError
from einvoice.receivables.ledger.audit import check_ledger
from einvoice.receivables.ledger.payments import PaymentIn, post_payment
from einvoice.receivables.paying import checkouts
from einvoice.receivables.paying.port import Refused, Unavailable
from einvoice.receivables.paying.stripe import smallest, units
from einvoice.receivables.store.tables import HOLDS, INCOMING, PAYMENTS, TASKS
from tests.providers import mollie, stripe
from tests.providers.paying import Call, Reply
from tests.receivables import books
from tests.receivables.paying_worlds import NOW, SECRET, Shop, shop

ZERO = Decimal("0.00")
OWED = [Decimal("121.00"), Decimal("79.53")]
BOTH = pytest.mark.parametrize("name", ["mollie", "stripe"])


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    """A shop."""
    with shop(tmp_path) as made:
        yield made
        with connect(made.engine) as connection:
            assert check_ledger(connection) == []


def _made(here: Shop, name: str) -> int:
    return len(here.mollie.payments if name == "mollie" else here.stripe.sessions)


def _pay(here: Shop, name: str) -> None:
    here.mollie.pay(here.ref()) if name == "mollie" else here.stripe.pay(here.ref())


def _told(here: Shop, name: str, number: int = 1, kind: str = "checkout.session.completed") -> int:
    about = {"id": here.ref(), "payment_intent": "pi_0"}
    now = NOW + timedelta(seconds=number)
    return here.told(mollie.classic(here.ref()) if name == "mollie" else stripe.event(kind, about, SECRET, now, number), now)


def _pays_by_transfer(here: Shop, invoice: int) -> None:
    with connect(here.engine) as connection:
        money = PaymentIn("t1", Decimal("121.00"), "EUR", books.DAY, here.debtor)
        post_payment(connection, here.creditor, money, books.booking(), to=[(here.invoices[invoice], None)])


@BOTH
def test_pressed_twice_it_is_the_same_checkout(here: Shop, name: str) -> None:
    first, second = here.begin(name), here.begin(name)
    assert first == second
    assert first.url.startswith("https://")
    assert _made(here, name) == 1
    (row,) = here.rows()
    assert (row.state, row.amount, row.provider) == ("open", Decimal("200.53"), name)
    assert here.token not in (row.key, row.provider_id)


@BOTH
def test_pressed_at_once_it_is_one_payment(here: Shop, name: str) -> None:
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(here.begin(name))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({begun.url for begun in found}) == 1
    assert _made(here, name) == 1


@BOTH
def test_an_answer_that_is_lost_makes_no_second_payment(here: Shop, name: str) -> None:
    here.server(name).cuts = 2
    with pytest.raises(Unavailable):
        here.begin(name)
    assert [row.state for row in here.rows()] == ["asked"]
    assert here.begin(name).url
    assert (_made(here, name), len(here.rows())) == (1, 1)


@BOTH
def test_a_lost_answer_is_found_by_its_webhook(here: Shop, name: str) -> None:
    here.server(name).cuts = 2
    with pytest.raises(Unavailable):
        here.begin(name)
    ref = next(iter(here.mollie.payments if name == "mollie" else here.stripe.sessions))
    (here.mollie if name == "mollie" else here.stripe).pay(ref)
    here.told(mollie.classic(ref) if name == "mollie" else stripe.event("checkout.session.completed", {"id": ref}, SECRET, NOW))
    assert here.open() == [ZERO, ZERO]
    assert [row.state for row in here.rows()] == ["paid"]


@BOTH
def test_throttled_for_a_moment_it_waits(tmp_path: Path, name: str) -> None:
    waited: list[float] = []
    with shop(tmp_path, pause=waited.append) as here:
        here.server(name).trouble = [Reply(429, {}, {"Retry-After": "1"})]
        assert here.begin(name).url
        assert waited == [1.0]
        keys = {call.headers["idempotency-key"] for call in here.server(name).calls}
        assert len(keys) == 1


@BOTH
@pytest.mark.parametrize(
    "trouble",
    [
        [Reply(429, {}, {"Retry-After": "60"})],
        [Reply(503, b"<html>"), Reply(500, {})],
        [Reply(None), Reply(None)],
        [Reply(200, b"<html>"), Reply(200, b"[]")],
        [Reply(201, {"id": "tr_1"})],
        [Reply(302, {}, {"Location": "https://elsewhere.example"})],
    ],
)
def test_what_is_not_certain_is_asked_again_under_the_same_key(here: Shop, name: str, trouble: list[Reply]) -> None:
    here.server(name).trouble = [*trouble]
    certain = trouble[0].status == 302
    with pytest.raises(Refused if certain else Unavailable):
        here.begin(name)
    assert here.begin(name).url
    assert _made(here, name) == 1
    assert len(here.rows()) == (2 if certain else 1)


@BOTH
def test_who_does_not_answer_in_time_is_asked_again(tmp_path: Path, name: str) -> None:
    with shop(tmp_path, timeout=0.2) as here:
        here.server(name).trouble = [Reply(200, {}, wait=0.5), Reply(200, {}, wait=0.5)]
        with pytest.raises(Unavailable):
            here.begin(name)
        assert here.begin(name).url
        assert _made(here, name) == 1


@BOTH
def test_a_wrong_key_is_refused_and_tried_anew(here: Shop, name: str) -> None:
    server = mollie if name == "mollie" else stripe
    here.server(name).trouble = [server.problem(401, "invalid_request_error", "no such key")]
    with pytest.raises(Refused):
        here.begin(name)
    assert [row.state for row in here.rows()] == ["failed"]
    assert here.begin(name).url


@BOTH
def test_another_amount_ends_the_old_checkout(here: Shop, name: str) -> None:
    first = here.begin(name)
    _pays_by_transfer(here, 0)
    second = here.begin(name)
    assert first.url != second.url
    assert [(row.state, row.amount) for row in here.rows()] == [("expired", Decimal("200.53")), ("open", Decimal("79.53"))]
    ended = next(iter(here.mollie.payments.values()))["status"] if name == "mollie" else here.stripe.sessions["cs_test_a0"]["status"]
    assert ended == ("canceled" if name == "mollie" else "expired")


def test_another_provider_ends_the_old_checkout(here: Shop) -> None:
    here.begin("mollie")
    here.begin("stripe")
    assert [row.state for row in here.rows()] == ["expired", "open"]


def test_what_cannot_be_ended_stays_the_only_one(here: Shop) -> None:
    here.mollie.cancelable = False
    here.begin("mollie")
    with pytest.raises(checkouts.UnderWay):
        here.begin("stripe")
    assert _made(here, "stripe") == 0
    _pay(here, "mollie")
    with pytest.raises(checkouts.NothingOwed):
        here.begin("stripe")
    assert here.open() == [ZERO, ZERO]


@BOTH
def test_paid_it_is_booked_once(here: Shop, name: str) -> None:
    here.begin(name)
    _pay(here, name)
    assert [_told(here, name, number) for number in (1, 1, 2)] == [200, 200, 200]
    assert here.open() == [ZERO, ZERO]
    with connect(here.engine) as connection:
        (payment,) = connection.execute(select(PAYMENTS)).all()
    assert (payment.key, payment.amount, payment.booked) == (f"{name}:{here.ref()}", Decimal("200.53"), books.DAY)
    with pytest.raises(checkouts.NothingOwed):
        here.begin(name)


@BOTH
def test_what_is_not_owed_any_more_stays_on_account(here: Shop, name: str) -> None:
    here.begin(name)
    _pays_by_transfer(here, 0)
    _pay(here, name)
    _told(here, name)
    assert here.open() == [ZERO, ZERO]
    assert here.bank() == Decimal("321.53")


@BOTH
@pytest.mark.parametrize("how", ["webhook", "asked"])
def test_without_its_webhook_the_state_is_asked_for(here: Shop, name: str, how: str) -> None:
    here.begin(name)
    _pay(here, name)
    if how == "webhook":
        _told(here, name)
    else:
        assert checkouts.refresh(here.engine, here.providers, NOW + timedelta(hours=1), older=timedelta(minutes=15)) == 1
        assert checkouts.refresh(here.engine, here.providers, NOW + timedelta(hours=1), older=timedelta(minutes=15)) == 0
    assert here.open() == [ZERO, ZERO]


def _refund(here: Shop, name: str, amount: str) -> None:
    here.mollie.refund(here.ref(), amount) if name == "mollie" else here.stripe.refund(here.ref(), smallest(Decimal(amount), "EUR"))


@BOTH
@pytest.mark.parametrize(
    ("parts", "left", "state"),
    [
        (["200.53"], OWED, "refunded"),
        (["79.53"], [ZERO, Decimal("79.53")], "paid"),
        (["79.54"], [Decimal("0.01"), Decimal("79.53")], "paid"),
        (["0.01"], [ZERO, Decimal("0.01")], "paid"),
        (["79.53", "121.00"], OWED, "refunded"),
        (["100.00", "0.01"], [Decimal("20.48"), Decimal("79.53")], "paid"),
    ],
)
def test_refunds_reopen_to_the_cent(here: Shop, name: str, parts: list[str], left: list[Decimal], state: str) -> None:
    here.begin(name)
    _pay(here, name)
    _told(here, name)
    for number, amount in enumerate(parts, 2):
        _refund(here, name, amount)
        _told(here, name, number, "charge.refunded")
        _told(here, name, number + 10, "charge.refunded")
    assert here.open() == left
    assert here.rows()[0].state == state
    assert here.bank() == Decimal("200.53") - sum(map(Decimal, parts), ZERO)


@BOTH
def test_a_chargeback_reopens_and_its_end_pays_again(here: Shop, name: str) -> None:
    here.begin(name)
    _pay(here, name)
    _told(here, name)
    here.mollie.charge_back(here.ref(), "200.53") if name == "mollie" else here.stripe.dispute(here.ref(), "needs_response")
    _told(here, name, 2, "charge.dispute.created")
    assert (here.open(), here.rows()[0].state) == (OWED, "charged_back")
    with connect(here.engine) as connection:
        assert list(connection.scalars(select(TASKS.c.kind))) == ["triage"]
    here.mollie.reverse_chargeback(here.ref()) if name == "mollie" else here.stripe.dispute(here.ref(), "won")
    for number in (3, 4):
        _told(here, name, number, "charge.dispute.closed")
    assert (here.open(), here.rows()[0].state) == ([ZERO, ZERO], "paid")
    assert here.bank() == Decimal("200.53")


def test_an_inquiry_takes_no_money(here: Shop) -> None:
    here.begin("stripe")
    _pay(here, "stripe")
    here.stripe.dispute(here.ref(), "warning_needs_response")
    _told(here, "stripe", 1, "charge.dispute.created")
    assert here.open() == [ZERO, ZERO]


def test_a_refund_that_is_not_through_takes_no_money(here: Shop) -> None:
    here.begin("mollie")
    _pay(here, "mollie")
    here.mollie.refund(here.ref(), "200.53", "pending")
    _told(here, "mollie")
    assert here.open() == [ZERO, ZERO]


@BOTH
def test_while_a_bank_takes_its_time_nobody_is_reminded_or_pays_twice(here: Shop, name: str) -> None:
    here.begin(name)
    here.mollie.pay(here.ref(), "pending") if name == "mollie" else here.stripe.pay(here.ref(), later=True)
    _told(here, name)
    with connect(here.engine) as connection:
        assert set(connection.scalars(select(HOLDS.c.reason).where(HOLDS.c.ended_on.is_(None)))) == {"payment_pending"}
    with pytest.raises(checkouts.UnderWay):
        here.begin(name)
    here.mollie.pay(here.ref(), "failed") if name == "mollie" else here.stripe.fail(here.ref())
    _told(here, name, 2, "checkout.session.async_payment_failed")
    with connect(here.engine) as connection:
        assert list(connection.scalars(select(HOLDS.c.id).where(HOLDS.c.ended_on.is_(None)))) == []
    assert here.rows()[0].state == "failed"
    assert here.begin(name).url


def test_a_payment_intent_leads_to_its_session(here: Shop) -> None:
    here.begin("stripe")
    _pay(here, "stripe")
    here.told(stripe.event("charge.refunded", {"id": "ch_1", "payment_intent": "pi_0"}, SECRET, NOW))
    assert here.open() == [ZERO, ZERO]


@BOTH
def test_news_of_other_peoples_payments_changes_nothing(here: Shop, name: str) -> None:
    here.begin(name)
    ref = "tr_unknown1" if name == "mollie" else "cs_unknown1"
    assert (
        here.told(mollie.classic(ref) if name == "mollie" else stripe.event("checkout.session.completed", {"id": ref}, SECRET, NOW)) == 200
    )
    assert here.open() == OWED
    with connect(here.engine) as connection:
        assert [str(result).partition(":")[0] for result in connection.scalars(select(INCOMING.c.result))] == ["unknown"]


@BOTH
def test_a_provider_that_is_silent_is_asked_another_time(here: Shop, name: str) -> None:
    here.begin(name)
    _pay(here, name)
    here.server(name).trouble = [Reply(500, {}), Reply(500, {})]
    _told(here, name)
    assert here.open() == OWED
    _told(here, name, 2)
    assert here.open() == [ZERO, ZERO]


def test_there_is_no_such_link_or_provider(here: Shop) -> None:
    with pytest.raises(ReceivablesError):
        checkouts.begin(here.engine, "a" * 32, "mollie", here.providers, "https://pay.example", NOW)
    with pytest.raises(ReceivablesError):
        checkouts.begin(here.engine, here.token, "paypal", here.providers, "https://pay.example", NOW)
    assert here.rows() == []


@pytest.mark.parametrize(
    ("amount", "currency", "counted"), [("1.00", "EUR", 100), ("500", "JPY", 500), ("1.500", "KWD", 1500), ("10.00", "ISK", 1000)]
)
def test_stripe_counts_in_the_smallest_unit(amount: str, currency: str, counted: int) -> None:
    assert smallest(Decimal(amount), currency) == counted
    assert units(counted, currency) == Decimal(amount)


def test_another_press_while_the_provider_is_asked_leaves_one_payment(here: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = here.mollie.answers
    begun: list[checkouts.Begun] = []

    def slow(call: Call) -> Reply:
        if call.method == "POST" and not begun:
            begun.append(here.begin("stripe"))
        return answers(call)

    monkeypatch.setattr(here.mollie, "answers", slow)
    with pytest.raises(checkouts.UnderWay):
        here.begin("mollie")
    assert [(row.provider, row.state) for row in here.rows()] == [("mollie", "expired"), ("stripe", "open")]
    assert [payment["status"] for payment in here.mollie.payments.values()] == ["canceled"]
    assert here.begin("stripe") == begun[0]
