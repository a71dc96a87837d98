"""Brings the interest tables up to date from the series of the ECB's main refinancing rate that its user supplies.

    python -m einvoice_schemas.law.update SERIES.csv --through 2027-06-30 [--folder DIR] [--check]

SERIES is the data portal's export of FM.B.U2.EUR.4F.KR.MRR_FR.LEV, or any CSV whose first two columns are a date and a rate in
percent: from that date, until the next line. A row that a table already has is never changed: where the series gives another rate
for it, that is a complaint and the program ends with 1. New rows are marked `derived`, until somebody has read the official
publication and marks them `primary`.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
WIDTH = 160


class Change(NamedTuple):
    """From `day` on the rate is `rate` percent."""

    day: date
    rate: Decimal


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes every table that the series reaches; 0, or 1 with complaints on standard error."""
    parser = argparse.ArgumentParser(prog="python -m einvoice_schemas.law.update", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("series", type=Path, help="a CSV with dates and rates")
    parser.add_argument("--through", type=date.fromisoformat, required=True, help="the last day of the last half-year that is known")
    parser.add_argument("--folder", type=Path, default=HERE, help="where the tables are; beside this script unless told")
    parser.add_argument("--check", action="store_true", help="write nothing, only say what differs")
    chosen = parser.parse_args(arguments)
    complaints: list[str] = []
    series = read(chosen.series)
    for path in sorted(chosen.folder.glob("*.json")):
        pack = json.loads(path.read_text("utf-8"))
        made = {**pack, "tables": updated(pack["tables"], series, chosen.through, path.name, complaints)}
        if made != pack and chosen.check:
            complaints.append(f"{path.name}: would gain rows")
        elif made != pack:
            path.write_text(dump(made) + "\n", encoding="utf-8")
    sys.stderr.writelines(f"{complaint}\n" for complaint in complaints)
    return 1 if complaints else 0


def read(path: Path) -> list[Change]:
    """The changes of the series, oldest first; ends the program naming the line that has no date and rate."""
    found: list[Change] = []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.reader(lines), 1):
            try:
                found.append(Change(date.fromisoformat(row[0].strip()), Decimal(row[-1 if len(row) > 2 else 1].strip())))
            except (ValueError, IndexError, InvalidOperation):
                if number > 1 and any(cell.strip() for cell in row):
                    sys.exit(f"{path}: line {number}: no date and rate; write it like 2025-06-11,2.15")
    found.sort()
    return [change for before, change in zip([None, *found], found, strict=False) if before is None or before.rate != change.rate]


def updated(
    tables: Mapping[str, Any], series: Sequence[Change], through: date, name: str, complaints: list[str]
) -> dict[str, dict[str, Any]]:
    """The tables with the rows that the series adds; differences are appended to `complaints`."""
    made = {key: dict(table) for key, table in tables.items()}
    known: dict[str, dict[date, Decimal]] = {}
    for key, table in made.items():
        if "derivation" not in table:
            continue
        rates = known[key] = dict(derived(table["derivation"], series, through, known))
        rows = {date.fromisoformat(row["from"]): row for row in table.get("rows", [])}
        for day, rate in rates.items():
            if day not in rows:
                rows[day] = {"from": day.isoformat(), "rate": _text(rate), "source": table["source"], "confidence": "derived"}
            elif Decimal(rows[day]["rate"]) != rate:
                complaints.append(f"{name}: {key} from {day} is {rows[day]['rate']}, the series gives {_text(rate)}; read the publication")
        table["rows"] = [rows[day] for day in sorted(rows)]
        table["through"] = max(table.get("through") or "", through.isoformat())
    return made


def derived(
    derivation: Mapping[str, Any], series: Sequence[Change], through: date, known: Mapping[str, Mapping[date, Decimal]]
) -> Iterator[tuple[date, Decimal]]:
    """The rate of every half-year through a day: of the ECB, a base that follows it in steps, or another table, and points on it."""
    points = [Change(date.fromisoformat(each["from"]), Decimal(each["add"])) for each in derivation["points"]]
    steps = _stepped(series, derivation["step"]) if "step" in derivation else series
    for day in sorted({*_half_years(points[0].day, through), *(each.day for each in points)}):
        other = known.get(derivation["of"])
        base = _at(steps, day) if other is None else other[max(each for each in other if each <= day)]
        whole = Decimal(derivation.get("round_up_to", "0.01"))
        yield day, ((base + _at(points, day)) / whole).to_integral_value(ROUND_CEILING) * whole


def _stepped(series: Sequence[Change], step: Mapping[str, str]) -> list[Change]:
    """A base rate that moves by the change of the ECB's since its last move, once that adds up to the least step."""
    seen, base = Decimal(step["ecb"]), Decimal(step["rate"])
    found = [Change(date.fromisoformat(step["from"]), base)]
    for day, rate in series:
        if day > found[0].day and abs(rate - seen) >= Decimal(step["least"]):
            base, seen = base + rate - seen, rate
            found.append(Change(day, base))
    return found


def _at(changes: Sequence[Change], day: date) -> Decimal:
    """The rate in force; a change of the day itself counts where the ECB published it before (it always does)."""
    before = [change.rate for change in changes if change.day <= day]
    if not before:
        sys.exit(f"the series begins after {day}; it must begin before the first half-year of the tables")
    return before[-1]


def _half_years(first: date, through: date) -> Iterator[date]:
    day = first
    while day <= through:
        yield day
        following = day.replace(day=1) + timedelta(days=190)
        day = date(following.year, 7 if following.month >= 7 else 1, 1)


def dump(value: Any, indent: int = 0) -> str:
    """JSON in which whatever fits stands on one line: a line a row, so that a change reads well."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or (len(flat) + indent <= WIDTH and indent > 1) or _is_row(value):
        return flat
    gap = " " * (indent + 1)
    if isinstance(value, dict):
        parts = [f"{gap}{json.dumps(key)}: {dump(part, indent + 1)}" for key, part in value.items()]
        return "{\n" + ",\n".join(parts) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(gap + dump(part, indent + 1) for part in value) + "\n" + " " * indent + "]"


def _is_row(value: dict[str, Any] | list[Any]) -> bool:
    """Whether nothing is nested in it."""
    return not any(isinstance(part, dict | list) for part in (value.values() if isinstance(value, dict) else value))


def _text(rate: Decimal) -> str:
    return f"{rate:.2f}"


if __name__ == "__main__":
    sys.exit(main())
