"""Bank years in small: no wrong automatic match, the shares that are asked for, and the ledger that adds up (the judge looks)."""

from __future__ import annotations

from decimal import Decimal
from math import sqrt
from pathlib import Path

import pytest

from tests.receivables import books
from tests.receivables.bank_families import BENELUX, NORTHERN, Family
from tests.receivables.bank_judge import Judged, Living
from tests.receivables.bank_speed import one_file
from tests.receivables.bank_year import year
from tests.scale import scaled


def lived(family: Family, lines: int, seed: int, folder: Path, *, person: bool = True) -> Judged:
    """A year, lived through."""
    with books.database(folder) as engine:
        return Living(engine, year(family, lines, seed), folder, person=person).live(days=28)


@pytest.mark.parametrize(("family", "person"), [(BENELUX, True), (NORTHERN, False)], ids=["benelux", "northern"])
def test_a_small_year_has_no_wrong_match(family: Family, person: bool, tmp_path: Path) -> None:
    judged = lived(family, 500, 4, tmp_path, person=person)
    assert judged.wrong == []
    assert judged.total("structured") > 100
    assert judged.total("other") > 150
    assert judged.share("structured") > (90 if person else 60)


def test_the_same_seed_is_the_same_year() -> None:
    assert year(BENELUX, 300, 1) == year(BENELUX, 300, 1)
    assert year(BENELUX, 300, 1) != year(BENELUX, 300, 2)


def test_all_lines_of_a_year_in_one_file_add_up(tmp_path: Path) -> None:
    with books.database(tmp_path) as engine:
        found = one_file(engine, tmp_path, 300)
    assert (found.lines, found.balance) == (found.counts["lines"], Decimal(0))


@pytest.mark.slow
@pytest.mark.parametrize("family", [BENELUX, NORTHERN], ids=lambda family: family.name)
@pytest.mark.parametrize("seed", [5, 6])
def test_a_year_keeps_what_it_promises(family: Family, seed: int, tmp_path: Path) -> None:
    """The shares are those of the figure, which looks at 100,000 lines, less what chance does to fewer (three standard errors)."""
    judged = lived(family, scaled(10_000), seed, tmp_path)
    assert judged.wrong == []
    for kind, share in (("structured", 95), ("other", 70)):
        assert judged.share(kind) >= share - 3 * sqrt(share * (100 - share) / judged.total(kind))
