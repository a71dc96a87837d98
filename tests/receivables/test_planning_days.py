"""When a debtor is contacted: days, hours in its own zone, the law's hours, caps, pauses."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from einvoice.errors import ReceivablesError
from einvoice.receivables import law
from einvoice.receivables.law.calendar import holidays_of
from einvoice.receivables.law.ruling import Asked, Ruling
from einvoice.receivables.planning.calendar import main_zones
from einvoice.receivables.policy.model import Calendar
from einvoice.receivables.snapshot import Hold
from tests.receivables.test_planning_steps import after, stepped
from tests.receivables.worlds import CREDITOR, DUE, Lenient, codes, debtor, held, invoice, planned, policy_of

POLICY = policy_of()
WEEKDAYS = policy_of(every_day=False)


class Shorter(Lenient):
    """A law that allows contact in some hours only."""

    def __init__(self, start: time, end: time) -> None:
        self.hours = start, end

    def rule(self, asked: Asked) -> Ruling:
        del asked
        return Ruling(window=self.hours)


def utc(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


def window(one: Any, day: date, policy: Any = POLICY, rules: Any = None) -> tuple[datetime, datetime]:
    action = planned(one, day, policy, rules or Lenient())
    assert action is not None
    return action.not_before, action.not_after


def test_the_morning_of_the_debtors_country() -> None:
    assert window(debtor(invoice()), after(0)) == (utc(DUE, 7, 30), utc(DUE, 11))
    assert window(debtor(invoice(), country="PT"), after(0)) == (utc(DUE, 8, 30), utc(DUE, 12))
    assert window(debtor(invoice(), country="US", time_zone="America/Los_Angeles"), after(0)) == (utc(DUE, 16, 30), utc(DUE, 20))
    summer = date(2026, 7, 1)
    assert window(debtor(invoice(due=summer)), summer) == (utc(summer, 6, 30), utc(summer, 10))


def test_the_morning_of_the_creditor_or_of_a_named_zone() -> None:
    calendar = Calendar(holidays="none", days=("mon",), tz="creditor")
    assert window(debtor(invoice(), country="US"), after(0), policy_of(calendar=calendar)) == (utc(DUE, 7, 30), utc(DUE, 11))
    named = calendar.model_copy(update={"tz": "Asia/Tokyo"})
    assert window(debtor(invoice()), after(0), policy_of(calendar=named)) == (utc(DUE - timedelta(days=1), 23, 30), utc(DUE, 3))


def test_a_country_without_a_zone_has_the_creditors() -> None:
    assert window(debtor(invoice(), country="XX"), after(0)) == (utc(DUE, 7, 30), utc(DUE, 11))


def test_the_law_cuts_the_hours() -> None:
    assert window(debtor(invoice()), after(0), rules=Shorter(time(9), time(20))) == (utc(DUE, 8), utc(DUE, 11))
    assert codes(held(debtor(invoice()), after(0), POLICY, Shorter(time(13), time(20)))) == {"window-passed"}


def test_after_the_morning_it_waits_for_the_next() -> None:
    one = debtor(invoice())
    assert planned(one, after(0), POLICY, now=utc(DUE, 10, 59)) is not None
    assert planned(one, after(0), POLICY, now=utc(DUE, 11)) is None
    assert codes(held(one, after(0), POLICY, now=utc(DUE, 11))) == {"window-passed"}


def test_an_unknown_time_zone_is_a_fault_of_that_debtor_only() -> None:
    wrong, right = debtor(invoice(), time_zone="Mars/Base"), debtor(invoice(2), number=2)
    from einvoice.receivables.planning import plan

    failed: list[tuple[int, Exception]] = []
    actions = list(plan([wrong, right], POLICY, Lenient(), after(0), failed=lambda one, error: failed.append((one.id, error))))
    assert [action.debtor for action in actions] == [2]
    assert [(number, type(error)) for number, error in failed] == [(1, ReceivablesError)]
    with pytest.raises(ReceivablesError, match="D1"):
        list(plan([wrong, right], POLICY, Lenient(), after(0)))


def test_holidays_of_the_debtor_the_creditor_or_none() -> None:
    king, everyday = date(2026, 4, 27), WEEKDAYS.calendar
    abroad = debtor(invoice(due=king), country="DE")
    assert planned(abroad, king, WEEKDAYS) is not None
    creditor = policy_of(every_day=False, calendar=everyday.model_copy(update={"holidays": "creditor.country"}))
    assert planned(abroad, king, creditor) is None
    assert planned(debtor(invoice(due=king)), king, WEEKDAYS) is None
    none = policy_of(every_day=False, calendar=everyday.model_copy(update={"holidays": "none"}))
    assert planned(debtor(invoice(due=king)), king, none) is not None
    assert planned(debtor(invoice(due=king)), king, none, law.load()) is None


def test_holidays_of_a_region() -> None:
    epiphany = date(2026, 1, 6)
    assert planned(debtor(invoice(due=epiphany), country="DE", region="BY"), epiphany, WEEKDAYS) is None
    assert planned(debtor(invoice(due=epiphany), country="DE", region="HE"), epiphany, WEEKDAYS) is not None
    assert epiphany in holidays_of("DE", 2026, "DE-BY")
    assert holidays_of("XX", 2026) == {}


def test_every_country_has_a_zone_that_exists() -> None:
    assert len(main_zones()) >= 245
    assert all(ZoneInfo(zone) for zone in main_zones().values())
    assert {country: main_zones()[country] for country in ("NL", "ES", "US")} == {
        "NL": "Europe/Amsterdam",
        "ES": "Europe/Madrid",
        "US": "America/New_York",
    }


def test_one_step_a_day_and_three_a_week() -> None:
    one = debtor(invoice())
    assert codes(held(one._replace(steps_on=(after(0),)), after(0), POLICY)) == {"daily-cap"}
    full = one._replace(steps_on=(after(-6), after(-3), after(-1)))
    (told,) = held(full, after(0), POLICY)
    assert [(note.code, note.until) for note in told.notes] == [("weekly-cap", after(0))]
    action = planned(full, after(1), POLICY)
    assert action is not None
    assert [note.code for note in action.why.delayed] == ["weekly-cap"]


PAUSES = [
    ({"holds": (Hold("dispute", 1),)}, "dispute"),
    ({"holds": (Hold("plan", 1, None, after(0)),)}, "plan"),
    ({"holds": (Hold("promise"),)}, "promise"),
    ({"holds": (Hold("payment_pending", 1),)}, "payment-pending"),
    ({"holds": (Hold("insolvency"),)}, "insolvency"),
    ({"insolvent_on": after(0)}, "insolvency"),
    ({"hold_until": after(0)}, "manual"),
    ({"pending": True}, "pending"),
]


@pytest.mark.parametrize(("facts", "code"), PAUSES)
def test_a_pause_holds_and_is_told(facts: dict[str, Any], code: str) -> None:
    one = debtor(invoice(), **facts)
    assert planned(one, after(0), POLICY) is None
    assert codes(held(one, after(0), POLICY)) == {code}


def test_a_pause_that_ended_is_told_as_the_delay() -> None:
    action = planned(debtor(invoice(), holds=(Hold("promise", 1, None, after(4)),)), after(5), POLICY)
    assert action is not None
    assert [(note.code, note.until) for note in action.why.delayed] == [("promise", after(4))]


def test_everything_that_waits_is_told_with_step_and_segment() -> None:
    one = debtor(invoice(1, **stepped("b2b_sme", "r1", 0, 0)), invoice(2), holds=(Hold("dispute", 2),))
    told = held(one, DUE + timedelta(days=12), WEEKDAYS)
    assert {(each.invoices, each.step, each.segment) for each in told} == {((1,), "r2", "b2b_sme"), ((2,), "r1", "b2b_sme")}
    assert codes(told) == {"not-a-contact-day", "dispute"}


def test_nothing_is_told_of_what_is_not_due() -> None:
    assert held(debtor(invoice(), hold_until=after(9)), after(-1), POLICY) == []
    assert held(debtor(invoice(stage="final")), after(9), POLICY) == []
    assert held(debtor(invoice(open=Decimal(0))), after(9), POLICY) == []
    assert CREDITOR.country == "NL"
