"""Published invoices, calculated again from their lines, and calculated invoices under the official rules."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from einvoice.calculation import calculate, recalculate
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.model import Totals
from tests import recalculation
from tests.official import arithmetic
from tests.scale import scale
from tests.stylesheets import Absent
from tests.test_calculation import draft, line, totals


def test_every_difference_has_a_proven_reason(corpora: Path) -> None:
    step = round(1 / max(scale(), 0.1))
    outcomes = list(recalculation.outcomes(corpora, step))
    assert [(one.path.name, one.left) for one in outcomes if one.left] == []
    assert sum(not one.reasons for one in outcomes) > 0.8 * len(outcomes)


def test_recalculating_lists_both_amounts_of_a_difference() -> None:
    result = calculate(draft(line(quantity=3))).invoice
    assert recalculate(result).differences == ()
    wrong = result.model_copy(update={"totals": totals(result).model_copy(update={"vat": Decimal("6.31")})})
    [found] = recalculate(wrong).differences
    assert (found.term, found.path, found.stated, found.calculated) == ("BT-110", "totals.vat", Decimal("6.31"), Decimal("6.30"))


def test_a_difference_without_a_reason_is_left(tmp_path: Path) -> None:
    result = calculate(draft(line(quantity=3))).invoice
    wrong = result.model_copy(update={"totals": Totals(sum_of_line_net_amounts=Decimal(31))})
    assert recalculation.explained(tmp_path, wrong, {}).left
    line_off = result.model_copy(update={"lines": (result.lines[0].model_copy(update={"net_amount": Decimal(31)}),)})
    assert recalculation.explained(tmp_path, line_off, {}).left
    assert not recalculation.explained(tmp_path, result, {}).left


@pytest.mark.parametrize("syntax", list(Syntax))
def test_the_official_rules_agree(syntax: Syntax) -> None:
    result = calculate(draft(line(price={"net": "0.03"}), line(quantity=3)), prices="gross").invoice
    try:
        assert arithmetic(write(result, syntax, profile="en16931"), syntax) == []
    except Absent as absent:
        pytest.skip(str(absent))
    wrong = result.model_copy(update={"totals": totals(result).model_copy(update={"amount_due": Decimal(1)})})
    assert set(arithmetic(write(wrong, syntax, profile="en16931"), syntax)) == {"BR-CO-16"}
