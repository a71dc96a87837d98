"""The packs: every row against a table typed by hand, derived again from the ECB's series, and no figure without its source."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from einvoice.errors import ReceivablesError
from einvoice.receivables.law import load
from einvoice.receivables.law.pack import MARKS
from einvoice.receivables.law.reading import read
from einvoice_schemas.law import FOLDER, update
from tests.receivables.law_table import CHANGES, CONSUMERS, PRIMARY, Cell, cells, figures

FILES = sorted(FOLDER.glob("*.json"))


def raw(country: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{country.lower()}.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: f"{cell.country}-{cell.table}-{cell.since}")
def test_every_half_year_is_as_typed(cell: Cell) -> None:
    laws = load()
    pack = laws.shared if cell.country == "EU" else laws.packs[cell.country]
    row = pack.tables[cell.table].on(cell.since)
    assert row is not None
    assert (row.since, row.rate) == (cell.since, cell.rate)


def test_the_half_year_tables_have_no_other_rows() -> None:
    typed = {(cell.country, cell.table, cell.since) for cell in cells()}
    tables = {cell[:2] for cell in cells()}
    rows = {(country, name, date.fromisoformat(row["from"])) for country, name in tables for row in raw(country)["tables"][name]["rows"]}
    assert rows - typed == {("NL", "commercial", date(2013, 3, 16))}
    assert typed <= rows


def test_the_dutch_rate_rose_to_eight_points_on_16_march_2013() -> None:
    table = load().packs["NL"].tables["commercial"]
    rates = [row.rate for day in (date(2013, 3, 15), date(2013, 3, 16)) if (row := table.on(day))]
    assert rates == [Decimal("7.75"), Decimal("8.75")]


@pytest.mark.parametrize("line", CONSUMERS.strip().split("\n"))
def test_consumers_rates_are_as_typed(line: str) -> None:
    country, table, day, rate, confidence = line.split()
    row = load().packs[country].tables[table].on(date.fromisoformat(day))
    assert row is not None
    assert (row.since.isoformat(), row.rate, row.confidence) == (day, Decimal(rate), confidence)


@pytest.mark.parametrize(("country", "table"), PRIMARY)
def test_only_what_was_read_is_marked_primary(country: str, table: str) -> None:
    rows = raw(country)["tables"][table]["rows"]
    assert {row["from"] for row in rows if row["confidence"] == "primary"} == PRIMARY[country, table]


def test_doubtful_rows_are_marked_so() -> None:
    doubtful = [("BE", "commercial", "2013-01-01"), ("DE", "commercial", "2014-07-01"), ("NL", "consumer", "2026-07-01")]
    for country, table, day in doubtful:
        assert [row["confidence"] for row in raw(country)["tables"][table]["rows"] if row["from"] == day] == ["unverified"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_figure_has_source_date_and_confidence(path: Path) -> None:
    found = figures(json.loads(path.read_text("utf-8")))
    assert found
    for each in found:
        assert each["source"].strip()
        assert date.fromisoformat(each["from"]) > date(2000, 1, 1)
        assert each["confidence"] in MARKS


def spoilt(tmp_path: Path, country: str, change: Any) -> Path:
    pack = raw(country)
    change(pack)
    path = tmp_path / f"{country.lower()}.json"
    path.write_text(json.dumps(pack), "utf-8")
    return path


@pytest.mark.parametrize("key", ["source", "from", "confidence"])
@pytest.mark.parametrize(
    "place",
    [
        lambda pack: pack["tables"]["commercial"]["rows"][3],
        lambda pack: pack["costs"]["collection"],
        lambda pack: pack["costs"]["collection"]["vat"],
        lambda pack: pack["notices"]["nl-14-day-letter"],
        lambda pack: pack["terms"][0],
        lambda pack: pack["counting"],
        lambda pack: pack["debtors"]["b2c"]["interest"],
    ],
)
def test_a_figure_without_source_is_refused(tmp_path: Path, place: Any, key: str) -> None:
    path = spoilt(tmp_path, "NL", lambda pack: place(pack).pop(key))
    with pytest.raises(ReceivablesError, match=rf"nl\.json: \$.*{key}"):
        read(path)


def set_in(*keys: Any) -> Any:
    *path, last, value = keys

    def change(pack: dict[str, Any]) -> None:
        found: Any = pack
        for key in path:
            found = found[key]
        found[last] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        set_in("tables", "commercial", "rows", 0, "rate", 7.75),
        set_in("tables", "commercial", "rows", 0, "rate", "eight"),
        set_in("tables", "commercial", "rows", 0, "from", "2099-01-01"),
        set_in("tables", "commercial", "rows", 0, "confidence", "sure"),
        set_in("tables", "commercial", "rows", []),
        set_in("counting", "basis", "30/360"),
        set_in("debtors", "b2b", "interest", "table", "nowhere"),
        set_in("debtors", "b2b", "costs", "nowhere"),
        set_in("costs", "collection", "mosst", "1"),
        set_in("terms", 0, "days", -1),
        set_in("terms", 0),
        set_in("weather", "fine"),
    ],
)
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, change: Any) -> None:
    with pytest.raises((ReceivablesError, IndexError)) as raised:
        read(spoilt(tmp_path, "NL", change))
    assert raised.type is ReceivablesError


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "xx.json"
    path.write_text("{", "utf-8")
    with pytest.raises(ReceivablesError, match=r"xx\.json"):
        read(path)


def series(tmp_path: Path, *more: str) -> str:
    path = tmp_path / "series.csv"
    path.write_text("\n".join(["day,rate", *(line.replace(" ", ",") for line in CHANGES.strip().split("\n")), *more]), "utf-8")
    return str(path)


def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "law"
    folder.mkdir()
    for path in FILES:
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_the_series_gives_every_row_again(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    for path in folder.glob("*.json"):
        pack = json.loads(path.read_text("utf-8"))
        for table in pack["tables"].values():
            if "derivation" in table:
                table["rows"] = []
        path.write_text(json.dumps(pack), "utf-8")
    assert update.main([series(tmp_path), "--through", "2026-12-31", "--folder", str(folder)]) == 0
    for path in FILES:
        for name, table in json.loads(path.read_text("utf-8"))["tables"].items():
            rows = json.loads((folder / path.name).read_text("utf-8"))["tables"][name]["rows"]
            assert [(row["from"], row["rate"]) for row in rows] == [(row["from"], row["rate"]) for row in table["rows"]], (path.name, name)


def test_the_files_are_as_the_script_writes_them(tmp_path: Path) -> None:
    assert update.main([series(tmp_path), "--through", "2026-12-31", "--check"]) == 0
    for path in FILES:
        assert path.read_text("utf-8") == update.dump(json.loads(path.read_text("utf-8"))) + "\n"


def test_a_new_half_year_is_added_as_derived(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    assert update.main([series(tmp_path, "2026-12-16,2.65"), "--through", "2027-06-30", "--folder", str(folder)]) == 0
    laws = load(folder)
    day = date(2027, 1, 1)
    found = {country: pack.tables["commercial"].on(day) for country, pack in laws.packs.items()}
    rates = {country: (str(row.rate), row.confidence) for country, row in found.items() if row and row.since == day}
    assert rates == {
        "NL": ("10.65", "derived"),
        "ES": ("10.65", "derived"),
        "IT": ("10.65", "derived"),
        "LU": ("10.65", "derived"),
        "BE": ("11.00", "derived"),
        "DE": ("10.77", "derived"),
        "FR": ("12.65", "derived"),
        "AT": ("11.23", "derived"),
    }
    assert laws.rates != load().rates


def test_a_row_is_never_changed_by_the_series(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copied(tmp_path)
    assert update.main([series(tmp_path, "2025-12-30,3.15"), "--through", "2026-12-31", "--folder", str(folder)]) == 1
    assert "nl.json: commercial from 2026-01-01" in capsys.readouterr().err
    assert load(folder).packs["NL"].tables["commercial"].on(date(2026, 1, 1)) == load().packs["NL"].tables["commercial"].on(
        date(2026, 1, 1)
    )


def test_a_series_with_a_bad_line_names_it(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="line 28"):
        update.main([series(tmp_path, "soon,1"), "--through", "2026-12-31", "--folder", str(tmp_path)])


def test_a_country_is_added_by_a_file(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    pack = raw("DE")
    pack |= {"country": "XX", "name": "Elsewhere"}
    (folder / "xx.json").write_text(json.dumps(pack), "utf-8")
    assert load(folder).countries == ("AT", "BE", "DE", "ES", "FR", "IT", "LU", "NL", "XX")
