"""How the sheet writes numbers, dates, accounts, codes and units, and what the lines carry forward."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice import rendering
from einvoice.model import AllowanceCharge, Invoice, Item, Line, Price
from einvoice.rendering.compose import sheet
from einvoice.rendering.compose_lines import carried
from einvoice.rendering.labels import country, labels
from einvoice.rendering.sheet import Row
from einvoice.rendering.values import National, Plain
from einvoice.samples import sample
from einvoice_schemas.codelists import codes
from tests.rendering.sheets import LANGUAGES, written

CODES = json.loads(Path(rendering.__file__).with_name("codes.json").read_bytes())


def rows(*lines: Line, language: str = "en") -> tuple[Row, ...]:
    made = sheet(Invoice(lines=lines), language).lines
    return made.rows if made else ()


@pytest.mark.parametrize(
    ("language", "money", "number", "day"),
    [
        ("en", "1,234,567.50", "−12,345.678", "1 November 2026"),
        ("nl", "1.234.567,50", "−12.345,678", "01-11-2026"),
        ("de", "1.234.567,50", "−12.345,678", "01.11.2026"),
        ("fr", "1\u202f234\u202f567,50", "−12\u202f345,678", "01/11/2026"),
    ],
)
def test_values_are_written_by_the_custom_of_the_language(language: str, money: str, number: str, day: str) -> None:
    values = National(language)
    assert values.money(Decimal("1234567.5")) == money
    assert values.number(Decimal("-12345.678")) == number
    assert values.date(datetime.date(2026, 11, 1)) == day


def test_plain_values_are_what_machines_write() -> None:
    values = Plain()
    assert [values.money(Decimal(text)) for text in ("1", "1.5", "1.234", "1E+3", "-0.5")] == ["1.00", "1.50", "1.234", "1000.00", "-0.50"]
    assert (values.number(Decimal("1E+3")), values.percent(Decimal("21.0"))) == ("1000", "21.0%")
    assert values.account("BE68539007547034") == "BE68539007547034"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4), st.sampled_from(LANGUAGES))
def test_no_digit_is_lost_and_none_is_added(value: Decimal, language: str) -> None:
    found = National(language).number(value)
    assert found == written(value, language)
    assert "".join(filter(str.isdigit, found)) == "".join(filter(str.isdigit, f"{value:f}"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_percentages_have_their_sign(language: str) -> None:
    assert National(language).percent(Decimal("5.5")).replace("\u202f", "").replace(",", ".") == "5.5%"


def test_an_account_is_grouped_where_it_is_an_iban() -> None:
    assert National("en").account("BE68539007547034") == "BE68 5390 0754 7034"
    assert National("en").account("1234567890") == "1234567890"
    assert National("en").account("BE68539007547035") == "BE68539007547035"


@pytest.mark.parametrize("kind", sorted(CODES))
def test_codes_with_a_name_of_ours_are_in_their_lists(kind: str) -> None:
    lists = {"BT-3": "untdid-1001", "BT-21": "untdid-4451", "BT-81": "untdid-4461", "VAT": "untdid-5305", "unit": "unece-units"}
    known = codes(lists[kind]) if kind in lists else {"3", "35", "432"}
    assert set(CODES[kind]["codes"]) <= set(known)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sign_belongs_to_one_unit(language: str) -> None:
    signs = [labels(language).code("unit", code) for code in CODES["unit"]["codes"]]
    assert all(signs)
    assert sorted(a for a, b in pairwise(sorted(filter(None, signs))) if a == b) == []


def test_every_vat_category_has_a_name_in_four_languages() -> None:
    for language in LANGUAGES:
        assert all(labels(language).code("VAT", code) for code in codes("untdid-5305"))


def test_a_code_stays_visible_beside_its_name() -> None:
    told = {language: {fact.term: fact.value for fact in sheet(sample(), language).facts} for language in LANGUAGES}
    assert {facts["BT-3"].split(" (")[0] for facts in told.values()} == {"380"}
    assert len({facts["BT-3"] for facts in told.values()}) == 4


@pytest.mark.parametrize(("language", "name"), [("en", "Belgium"), ("nl", "België"), ("de", "Belgien"), ("fr", "Belgique")])
def test_countries_are_named_in_the_language(language: str, name: str) -> None:
    assert country("BE", language) == name
    seller, _ = sheet(sample(), language).parties
    assert seller.lines[-1] == f"{name} (BE)"


def test_only_a_withdrawn_country_has_no_name() -> None:
    for language in LANGUAGES:
        assert {code for code in codes("iso-3166-1") if not country(code, language)} == {"AN"}


@pytest.mark.parametrize(
    ("code", "kind"),
    [("380", "Invoice"), (None, "Invoice"), ("381", "Credit note"), ("384", "Corrected invoice"), ("396", "Factored credit note")],
)
def test_the_document_is_called_by_its_type(code: str | None, kind: str) -> None:
    assert sheet(Invoice(number="7", type_code=code)).title == f"{kind} 7"


def test_lines_carry_the_sum_of_their_net_amounts() -> None:
    within = Line(net_amount="4", lines=())
    made = rows(Line(net_amount="10", lines=(within, within)), Line(net_amount="1234.5"), Line(net_amount="-0.5"), language="de")
    assert [(row.depth, row.carried) for row in made] == [(0, "10,00"), (1, ""), (1, ""), (0, "1.244,50"), (0, "1.244,00")]


def test_nothing_is_carried_where_an_amount_is_not_stated() -> None:
    assert carried([Decimal(1), None, Decimal(2)]) == [None, None, None]
    assert [row.carried for row in rows(Line(net_amount="1"), Line(identifier="2"))] == ["", ""]


@given(st.lists(st.decimals(-1000, 1000, places=2), min_size=1))
def test_the_last_line_carries_the_whole_sum(amounts: list[Decimal]) -> None:
    assert carried(amounts)[-1] == sum(amounts)


def test_a_price_says_what_it_is_for() -> None:
    lines = [
        Line(quantity="5", unit_code="KGM", price=price)
        for price in (
            Price(net="2"),
            Price(net="2", base_quantity="1", base_quantity_unit_code="KGM"),
            Price(net="2", base_quantity="100"),
            Price(net="2", base_quantity="1", base_quantity_unit_code="TNE"),
        )
    ]
    assert [row.cells[3] for row in rows(*lines)] == ["2.00", "2.00", "2.00 / 100", "2.00 / 1 t"]


def test_allowances_of_a_line_say_their_share_and_reason() -> None:
    change = AllowanceCharge(amount="12.75", base_amount="255", percentage="5", reason="Volume", reason_code="95")
    (row,) = rows(Line(item=Item(name="x"), allowances=(change,), charges=(AllowanceCharge(amount="1", reason_code="FC"),)))
    assert [(fact.term, fact.value) for fact in row.facts] == [
        ("BG-27", "− 12.75 Volume (95), 5% of 255.00"),
        ("BG-28", f"+ 1.00 FC ({codes('untdid-7161')['FC'].name})"),
    ]
