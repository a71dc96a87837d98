"""What the law rules on a step: invariants 6, 7 and 14, notices, contracts, and that it only delays, vetoes and lowers."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice.receivables.law import Law, load
from einvoice.receivables.snapshot import InvoiceSnapshot
from tests.receivables.law_cases import DAY, DUE, asked, claimed, codes, invoice

LAW: Law = load()
KINDS = ("b2b", "b2c", "public")
RECEIVED = date(2026, 3, 2)
NL_NOTICE: dict[str, Any] = {"notice": "nl-14-day-letter", "notice_on": RECEIVED}
BE_NOTICE: dict[str, Any] = {"notice": "be-free-reminder", "notice_on": RECEIVED}
TERM = timedelta(days=14)


# Invariant 7: NL consumer.


def test_a_dutch_consumer_owes_no_costs_before_the_letter() -> None:
    ruling = LAW.rule(asked("NL", "b2c", [invoice()]))
    assert claimed(ruling, "costs") == 0
    assert claimed(ruling, "interest") > 0
    assert codes(ruling) == {"notice-first"}


@pytest.mark.parametrize(("days", "costs"), [(0, "0"), (13, "0"), (14, "0"), (15, "150.00"), (40, "150.00")])
def test_a_dutch_consumer_owes_costs_from_the_15th_day_after_receipt(days: int, costs: str) -> None:
    ruling = LAW.rule(asked("NL", "b2c", [invoice(**NL_NOTICE)], day=RECEIVED + timedelta(days=days), claims="costs"))
    assert claimed(ruling, "costs") == Decimal(costs)


@pytest.mark.parametrize("deducts", [True, False])
def test_what_the_dutch_letter_states_is_what_is_charged(deducts: bool) -> None:
    day = date(2026, 2, 10)
    letter = LAW.rule(asked("NL", "b2c", [invoice("5000.00")], day=day, document="statutory_notice", claims="none", deducts=deducts))
    assert letter.notice == "nl-14-day-letter"
    assert letter.charges == ()
    stated = sum((charge.amount + charge.vat for charge in letter.announces), Decimal(0))
    assert stated == (Decimal("625.00") if deducts else Decimal("756.25"))
    charged = LAW.rule(asked("NL", "b2c", [invoice("5000.00", costs_stated=stated, **NL_NOTICE)], claims="costs", deducts=deducts))
    assert claimed(charged, "costs") == stated


def test_costs_are_never_more_than_stated() -> None:
    ruling = LAW.rule(asked("NL", "b2c", [invoice("5000.00", costs_stated=Decimal("100.00"), **NL_NOTICE)], claims="costs", deducts=False))
    assert [(charge.amount, charge.vat) for charge in ruling.charges] == [(Decimal("82.64"), Decimal("17.36"))]


@pytest.mark.parametrize("document", ["reminder", "aanmaning", "notice_of_default", "legal_letter"])
def test_only_the_letter_itself_is_the_dutch_notice(document: str) -> None:
    assert LAW.rule(asked("NL", "b2c", [invoice()], document=document, claims="none")).notice is None


@pytest.mark.parametrize("channels", [("sms",), ("whatsapp",), ("call",), ("computer_call", "sms")])
def test_a_notice_is_given_in_writing(channels: tuple[str, ...]) -> None:
    assert LAW.rule(asked("NL", "b2c", [invoice()], document="statutory_notice", claims="none", channels=channels)).notice is None
    assert LAW.rule(asked("BE", "b2c", [invoice()], claims="none", channels=channels)).notice is None


@pytest.mark.parametrize("late", [-1, 0])
@pytest.mark.parametrize("country", ["NL", "BE"])
@pytest.mark.parametrize("document", ["reminder", "statutory_notice"])
def test_a_message_through_the_due_date_is_no_notice(country: str, document: str, late: int) -> None:
    ruling = LAW.rule(asked(country, "b2c", [invoice()], day=DUE + timedelta(days=late), document=document, claims="none"))
    assert ruling.notice is None
    assert ruling.announces == ()


def test_a_statutory_notice_waits_for_default() -> None:
    ruling = LAW.rule(asked("NL", "b2c", [invoice()], day=DUE, document="statutory_notice", claims="none"))
    assert ruling.not_before == DUE + timedelta(days=1)
    assert LAW.rule(asked("NL", "b2c", [invoice()], day=ruling.not_before, document="statutory_notice", claims="none")).not_before is None


def test_a_notice_is_for_all_its_invoices_or_none() -> None:
    due_today = invoice(id=2, due=DAY)
    ruling = LAW.rule(asked("BE", "b2c", [invoice(), due_today], claims="none"))
    assert ruling.notice is None


def test_a_notice_is_given_once() -> None:
    assert LAW.rule(asked("BE", "b2c", [invoice(**BE_NOTICE)], claims="none")).notice is None
    assert LAW.rule(asked("BE", "b2c", [invoice(**BE_NOTICE), invoice(id=2)], claims="none")).notice == "be-free-reminder"


# Invariant 6: BE consumer.

CLAUSE = {"costs": "by_law", "interest": "25", "fee": "9.00", "postage": "1.75"}


@pytest.mark.parametrize("claims", ["interest", "costs", "all"])
def test_the_first_belgian_reminder_is_free(claims: str) -> None:
    ruling = LAW.rule(asked("BE", "b2c", [invoice("215.00", contract=CLAUSE)], claims=claims))
    assert ruling.notice == "be-free-reminder"
    assert ruling.charges == ()
    assert [charge.amount for charge in ruling.announces] == [Decimal("36.50")]


@pytest.mark.parametrize("days", range(15))
def test_nothing_is_charged_to_a_belgian_consumer_in_the_term(days: int) -> None:
    inside = asked("BE", "b2c", [invoice("215.00", contract=CLAUSE, **BE_NOTICE)], day=RECEIVED + timedelta(days=days))
    assert LAW.rule(inside).charges == ()


def test_after_the_term_the_belgian_clause_counts() -> None:
    day = RECEIVED + TERM + timedelta(days=10)
    ruling = LAW.rule(asked("BE", "b2c", [invoice("215.00", contract=CLAUSE, **BE_NOTICE)], day=day, channels=("letter",)))
    assert claimed(ruling, "costs") == Decimal("36.50")
    assert claimed(ruling, "fee") == Decimal("9.25")  # 7.50 and postage
    assert claimed(ruling, "interest") == Decimal("0.62")  # 10 days at 10.5 %, not at 25 %


def test_without_a_contract_term_a_belgian_consumer_owes_no_costs() -> None:
    ruling = LAW.rule(asked("BE", "b2c", [invoice(**BE_NOTICE)]))
    assert claimed(ruling, "costs") == claimed(ruling, "fee") == 0
    assert "not-agreed" in codes(ruling)


@pytest.mark.parametrize(("reminders", "fee"), [(0, "0"), (2, "0"), (3, "7.50")])
def test_three_reminders_a_year_are_free_of_a_regular_supply(reminders: int, fee: str) -> None:
    contract = {**CLAUSE, "regular_supply": True}
    ruling = LAW.rule(asked("BE", "b2c", [invoice(contract=contract, **BE_NOTICE)], reminders=reminders))
    assert claimed(ruling, "fee") == Decimal(fee)


def test_a_reminder_about_several_invoices_costs_one_fee() -> None:
    both = [invoice(contract=CLAUSE, **BE_NOTICE), invoice(id=2, number="F2", contract=CLAUSE, **BE_NOTICE)]
    assert claimed(LAW.rule(asked("BE", "b2c", both)), "fee") == Decimal("7.50")


# Hand-overs.


@pytest.mark.parametrize(("country", "given"), [("NL", NL_NOTICE), ("BE", BE_NOTICE)])
def test_a_consumer_is_not_handed_over_before_the_notice_s_term_ended(country: str, given: dict[str, Any]) -> None:
    never = LAW.rule(asked(country, "b2c", [invoice()], handover=True))
    assert never.veto is not None
    assert never.veto.code == "notice-first"
    early = LAW.rule(asked(country, "b2c", [invoice(**given)], handover=True, day=RECEIVED + TERM))
    assert (early.veto, early.not_before) == (None, RECEIVED + TERM + timedelta(days=1))
    later = LAW.rule(asked(country, "b2c", [invoice(**given)], handover=True, day=RECEIVED + TERM + timedelta(days=1)))
    assert (later.veto, later.not_before) == (None, None)


@pytest.mark.parametrize("country", load().countries)
def test_a_business_may_be_handed_over(country: str) -> None:
    ruling = LAW.rule(asked(country, "b2b", [invoice()], handover=True))
    assert (ruling.veto, ruling.not_before) == (None, None)


# Invariant 14 and the other countries.


@pytest.mark.parametrize("country", ["XX", "PL", "GB", "US", "EU", ""])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("claims", ["none", "interest", "costs", "all"])
def test_an_unknown_country_has_no_statutory_claim(country: str, kind: str, claims: str) -> None:
    ruling = LAW.rule(asked(country, kind, [invoice()], claims=claims))
    assert (ruling.charges, ruling.announces, ruling.notice, ruling.veto, ruling.not_before) == ((), (), None, None, None)
    assert codes(ruling) == (set() if claims == "none" else {"unknown-country"})


@pytest.mark.parametrize("country", load().countries)
def test_a_business_owes_interest_and_costs_without_a_reminder(country: str) -> None:
    ruling = LAW.rule(asked(country, "b2b", [invoice(contract={"warned": True})]))
    assert claimed(ruling, "interest") > 0
    assert claimed(ruling, "costs") == (150 if country == "NL" else 40)
    assert all("(" in line for charge in ruling.charges for line in charge.lines)


@pytest.mark.parametrize("country", ["DE", "FR", "AT", "LU", "ES", "IT"])
def test_consumers_owe_no_costs_where_the_law_gives_none(country: str) -> None:
    ruling = LAW.rule(asked(country, "b2c", [invoice(contract={"warned": True, "costs": "by_law"})]))
    assert claimed(ruling, "costs") == 0


def test_a_french_business_owes_what_the_invoice_says() -> None:
    ruling = LAW.rule(asked("FR", "b2b", [invoice()]))
    assert ruling.charges == ()
    assert codes(ruling) == {"not-stated"}


def test_a_german_consumer_is_late_30_days_after_an_invoice_that_warned() -> None:
    assert LAW.rule(asked("DE", "b2c", [invoice()])).charges == ()
    warned = invoice(contract={"warned": True})
    assert LAW.rule(asked("DE", "b2c", [warned], day=DUE + timedelta(days=30))).charges == ()
    first = LAW.rule(asked("DE", "b2c", [warned], day=DUE + timedelta(days=31)))
    assert claimed(first, "interest") == Decimal("0.17")


def test_a_luxembourg_consumer_owes_from_three_months_on() -> None:
    old = invoice(issued=date(2024, 1, 10), due=date(2024, 2, 10), contract={"warned": True})
    assert LAW.rule(asked("LU", "b2c", [old], day=date(2024, 4, 10))).charges == ()
    assert claimed(LAW.rule(asked("LU", "b2c", [old], day=date(2024, 4, 20))), "interest") == Decimal("1.23")


@pytest.mark.parametrize(("issued", "interest"), [(date(2014, 7, 28), "7.27"), (date(2014, 7, 29), "8.27")])
def test_a_german_contract_before_29_july_2014_bears_8_points(issued: date, interest: str) -> None:
    due = date(2014, 8, 1)
    ruling = LAW.rule(asked("DE", "b2b", [invoice("36500.00", issued=issued, due=due)], day=due + timedelta(days=1), claims="interest"))
    assert claimed(ruling, "interest") == Decimal(interest)


def test_days_without_a_rate_bear_nothing_and_say_so() -> None:
    ruling = LAW.rule(asked("NL", "b2b", [invoice()], day=date(2027, 6, 30)))
    until = LAW.rule(asked("NL", "b2b", [invoice()], day=date(2026, 12, 31)))
    assert claimed(ruling, "interest") == claimed(until, "interest")
    assert codes(ruling) == {"rate-unknown"}


def test_tables_that_ended_are_told() -> None:
    laws = load()
    tables = {note.text.split(" (")[0] for note in laws.outdated(date(2026, 12, 31))}
    assert tables == {"FR legal", "FR private", "LU legal"}
    assert {note.code for note in laws.outdated(date(2027, 1, 1))} == {"rates-outdated"}
    assert len(laws.outdated(date(2027, 1, 1))) > len(tables)


def test_costs_in_another_currency_are_not_reckoned() -> None:
    ruling = LAW.rule(asked("NL", "b2b", [invoice(currency="SEK")]))
    assert {charge.kind for charge in ruling.charges} == {"interest"}
    assert codes(ruling) == {"currency"}


# Contracts.


@pytest.mark.parametrize(
    ("country", "kind", "agreed", "interest"),
    [
        ("NL", "b2b", "5", "20.55"),  # 150 days at the agreed rate, without interest on interest
        ("NL", "b2b", "20", "82.19"),
        ("NL", "b2c", "20", "16.44"),  # a consumer never owes more than the law's 4 %
        ("IT", "b2c", "1", "4.11"),
        ("IT", "b2c", "9", "6.58"),
    ],
)
def test_a_contract_s_interest_counts_as_far_as_the_law_lets_it(country: str, kind: str, agreed: str, interest: str) -> None:
    ruling = LAW.rule(asked(country, kind, [invoice(contract={"interest": agreed})], claims="interest"))
    assert claimed(ruling, "interest") == Decimal(interest)


@pytest.mark.parametrize(("agreed", "costs"), [("25", "25.00"), ("10 %", "100.00"), ("900", "150.00"), ("by_law", "150.00")])
def test_a_contract_s_costs_only_lower(agreed: str, costs: str) -> None:
    assert claimed(LAW.rule(asked("NL", "b2b", [invoice(contract={"costs": agreed})], claims="costs")), "costs") == Decimal(costs)


@pytest.mark.parametrize("wrong", ["much", "-3", [], {}, "NaN"])
def test_a_contract_that_cannot_be_read_claims_nothing(wrong: Any) -> None:
    ruling = LAW.rule(asked("NL", "b2b", [invoice(contract={"interest": wrong, "costs": wrong})]))
    assert ruling.charges == ()
    assert codes(ruling) == {"contract-unreadable"}


def test_a_french_rate_below_the_floor_is_told() -> None:
    low = LAW.rule(asked("FR", "b2b", [invoice(contract={"interest": "3", "warned": True})], claims="interest"))
    assert codes(low) == {"below-floor"}
    fair = LAW.rule(asked("FR", "b2b", [invoice(contract={"interest": "7.86", "warned": True})], claims="interest"))
    assert codes(fair) == set()


# On top of what was booked.


def test_interest_and_costs_come_on_top_of_what_was_booked() -> None:
    first = LAW.rule(asked("NL", "b2b", [invoice()], day=date(2026, 4, 30)))
    booked: dict[str, Any] = {"interest_booked": claimed(first, "interest"), "costs_booked": claimed(first, "costs")}
    assert LAW.rule(asked("NL", "b2b", [invoice(**booked)], day=date(2026, 4, 30))).charges == ()
    later = LAW.rule(asked("NL", "b2b", [invoice(**booked)], day=DAY))
    whole = LAW.rule(asked("NL", "b2b", [invoice()], day=DAY))
    assert claimed(later, "costs") == 0
    assert claimed(later, "interest") + booked["interest_booked"] == claimed(whole, "interest")


def test_credit_notes_and_what_is_not_due_bear_nothing() -> None:
    credit = invoice("-50.00", id=2, kind="credit_note")
    assert LAW.rule(asked("NL", "b2b", [credit, invoice(id=3, due=DAY)])).charges == ()


# It only delays, vetoes and lowers.

AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(100_000), places=2)
CONTRACTS = st.fixed_dictionaries(
    {},
    optional={
        "interest": st.sampled_from(["0", "4", "30", "odd"]),
        "costs": st.sampled_from(["by_law", "15", "30 %", "odd"]),
        "fee": st.sampled_from(["5", "50"]),
        "warned": st.booleans(),
        "agreement": st.just("A"),
    },
)


@st.composite
def invoices(draw: st.DrawFn) -> InvoiceSnapshot:
    notice = draw(st.sampled_from([None, "nl-14-day-letter", "be-free-reminder"]))
    due = date(2024, 1, 1) + timedelta(days=draw(st.integers(0, 900)))
    given = {"notice": notice, "notice_on": due + timedelta(days=draw(st.integers(1, 60)))} if notice else {}
    amount = draw(AMOUNTS)
    return invoice(str(amount), id=draw(st.integers(1, 10**6)), due=due, issued=due - timedelta(days=30), contract=draw(CONTRACTS), **given)


@given(
    country=st.sampled_from([*load().countries, "XX"]),
    kind=st.sampled_from(KINDS),
    owed=st.lists(invoices(), min_size=1, max_size=3, unique_by=lambda each: each.id),
    claims=st.sampled_from(["none", "interest", "costs", "all"]),
    late=st.integers(-5, 800),
    document=st.sampled_from(["reminder", "statutory_notice", "aanmaning"]),
    handover=st.booleans(),
)
def test_the_law_only_delays_vetoes_and_lowers(
    country: str, kind: str, owed: list[InvoiceSnapshot], claims: str, late: int, document: str, handover: bool
) -> None:
    day = owed[0].due + timedelta(days=late)
    step = asked(country, kind, owed, day=day, claims=claims, document=document, handover=handover)
    ruling = LAW.rule(step)
    wanted = {"none": set(), "interest": {"interest"}, "costs": {"costs", "fee"}, "all": {"interest", "costs", "fee"}}[claims]
    dues = {each.id: each for each in owed}
    assert {charge.kind for charge in ruling.charges} <= wanted
    assert all(charge.amount > 0 and charge.vat >= 0 and dues[charge.invoice].due < day for charge in ruling.charges)
    assert ruling.not_before is None or ruling.not_before > day
    assert ruling == LAW.rule(step)
    if country == "XX":
        assert ruling.charges == ()
    if kind == "b2c" and country in {"NL", "BE"}:
        assert all(_term_ended(dues[charge.invoice], day) for charge in ruling.charges if charge.kind != "interest" or country == "BE")
    if ruling.notice:
        assert all(each.due < day for each in owed)


def _term_ended(each: InvoiceSnapshot, day: date) -> bool:
    return each.notice_on is not None and day > each.notice_on + TERM


# The calendar of contact.


@pytest.mark.parametrize("country", [*load().countries, "XX", "US"])
def test_nobody_is_contacted_on_sundays(country: str) -> None:
    note = LAW.contact_day(country, date(2026, 11, 15))
    assert note is not None
    assert note.code == "sunday"
    assert LAW.contact_day(country, date(2026, 11, 16)) is None


@pytest.mark.parametrize(("country", "day"), [("NL", date(2026, 4, 27)), ("BE", date(2026, 7, 21)), ("US", date(2026, 11, 26))])
def test_nobody_is_contacted_on_holidays(country: str, day: date) -> None:
    note = LAW.contact_day(country, day)
    assert note is not None
    assert note.code == "holiday"


@pytest.mark.parametrize("country", [*load().countries, "XX"])
def test_contact_is_between_seven_and_eight(country: str) -> None:
    for claims in ("none", "all"):
        assert LAW.rule(asked(country, "b2c", [invoice()], claims=claims)).window == (time(7), time(20))
    assert not LAW.no_call(country)
