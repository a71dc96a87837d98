"""The law: golden vectors, rates, sources, what consumers owe when, and how fast it rules."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from tests.evidence import Figure, figure, scaled


@figure("law-vectors", bar="every golden vector of costs and interest to the cent", item=5)
def vectors() -> Figure:
    from tests.receivables.law_table import reckoned, vectors

    found = {vector: reckoned(*vector[:4]) for vector in vectors()}
    wrong = [f"{' '.join(vector[:4])}: {amount} for {vector[4]}" for vector, amount in found.items() if amount != vector[4]]
    return Figure(f"{len(found) - len(wrong)} of {len(found)} right {'; '.join(wrong[:5])}".strip(), bool(found) and not wrong)


@figure("law-rates", bar="every figure of the half-year table, all countries, as typed a second time by hand", item=5)
def rates() -> Figure:
    from einvoice.receivables.law import load
    from tests.receivables.law_table import cells

    laws = load()
    wrong = []
    for cell in cells():
        pack = laws.shared if cell.country == "EU" else laws.packs[cell.country]
        row = pack.tables[cell.table].on(cell.since)
        if row is None or (row.since, row.rate) != (cell.since, cell.rate):
            wrong.append(f"{cell.country} {cell.table} {cell.since}")
    return Figure(f"{len(cells()) - len(wrong)} of {len(cells())} right {'; '.join(wrong[:5])}".strip(), not wrong)


@figure("law-sources", bar="8 countries and the EU base; each figure has source, date and confidence, and without them is refused", item=5)
def sources() -> Figure:
    from einvoice.receivables.law import load
    from einvoice_schemas.law import FOLDER
    from tests.receivables.law_table import figures

    found = [each for path in sorted(FOLDER.glob("*.json")) for each in figures(json.loads(path.read_text("utf-8")))]
    whole = [each for each in found if all(each.get(key) for key in ("source", "from", "confidence"))]
    marks = Counter(each["confidence"] for each in whole)
    refused = [key for key in ("source", "from", "confidence") if _refused(key)]
    countries = load().countries
    text = f"{len(countries)} countries and the EU ({' '.join(countries)}); {len(whole)} of {len(found)} figures sourced"
    text += f" ({', '.join(f'{count} {mark}' for mark, count in marks.most_common())}); refused without {', '.join(refused)}"
    return Figure(text, len(countries) == 8 and len(whole) == len(found) and len(refused) == 3)


def _refused(key: str) -> bool:
    """Whether a pack is refused once one of its rows has lost the key."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from einvoice.errors import ReceivablesError
    from einvoice.receivables.law.reading import read
    from einvoice_schemas.law import FOLDER

    pack = json.loads((FOLDER / "be.json").read_text("utf-8"))
    del pack["tables"]["commercial"]["rows"][5][key]
    with TemporaryDirectory() as folder:
        path = Path(folder, "be.json")
        path.write_text(json.dumps(pack), "utf-8")
        try:
            read(path)
        except ReceivablesError as fault:
            return key in str(fault) and "be.json" in str(fault)
    return False


@figure("law-be-consumer", bar="first reminder free, nothing charged in the 14 days of its term, then the clause (invariant 6)", item=5)
def belgian_consumer() -> Figure:
    from einvoice.receivables.law import load
    from tests.receivables.law_cases import asked, claimed, invoice

    law, received = load(), date(2026, 3, 2)
    contract = {"costs": "by_law", "interest": "25", "fee": "7.50"}
    first = law.rule(asked("BE", "b2c", [invoice("215.00", contract=contract)]))
    noticed = invoice("215.00", contract=contract, notice="be-free-reminder", notice_on=received)
    days = [law.rule(asked("BE", "b2c", [noticed], day=received + timedelta(days=day))) for day in range(16)]
    free = sum(not ruling.charges for ruling in days[:15])
    costs = claimed(days[15], "costs")
    text = f"first reminder: {len(first.charges)} charges, notice {first.notice}; {free} of 15 days free; then costs {costs}"
    return Figure(text, not first.charges and first.notice == "be-free-reminder" and free == 15 and costs == Decimal("36.50"))


@figure("law-nl-consumer", bar="no costs through 14 days from the day after receipt, then exactly what was stated (invariant 7)", item=5)
def dutch_consumer() -> Figure:
    from einvoice.receivables.law import load
    from tests.receivables.law_cases import asked, claimed, invoice

    law, received = load(), date(2026, 3, 2)
    letter = law.rule(asked("NL", "b2c", [invoice()], document="statutory_notice", claims="none", deducts=False))
    stated = sum((charge.amount + charge.vat for charge in letter.announces), Decimal(0))
    noticed = invoice(notice="nl-14-day-letter", notice_on=received, costs_stated=stated)
    days = [law.rule(asked("NL", "b2c", [noticed], day=received + timedelta(days=day), deducts=False)) for day in range(16)]
    free = sum(claimed(ruling, "costs") == 0 for ruling in days[:15])
    charged = claimed(days[15], "costs")
    text = f"the letter states {stated}; {free} of 15 days without costs; then {charged}"
    return Figure(text, free == 15 and stated == charged == Decimal("181.50"))


@figure("law-unknown-country", bar="no statutory claim, whatever is asked, and a note that says so (invariant 14)", item=5)
def unknown_country() -> Figure:
    from einvoice.receivables.law import load
    from einvoice_schemas.codelists import code_list
    from tests.receivables.law_cases import asked, invoice

    law = load()
    unknown = [code for code in code_list("iso-3166-1").codes if code not in law.countries]
    rulings = [
        law.rule(asked(country, kind, [invoice(contract={"warned": True, "costs": "by_law"})], claims=claims))
        for country in unknown
        for kind in ("b2b", "b2c", "public")
        for claims in ("interest", "costs", "all")
    ]
    claims = sum(bool(ruling.charges) for ruling in rulings)
    told = sum([note.code for note in ruling.notes] == ["unknown-country"] for ruling in rulings)
    return Figure(
        f"{len(unknown)} countries, {len(rulings)} steps: {claims} claims, {told} told why", claims == 0 and told == len(rulings) > 0
    )


@figure("law-speed", bar="60,000 rulings, a tenth of them with claims, in less than 3 s", item=5)
def speed() -> Figure:
    from einvoice.receivables.law import load
    from tests.receivables.law_cases import asked, invoice

    law, count = load(), scaled(60_000)
    countries = (*law.countries, "XX")
    steps = [
        asked(
            countries[number % 9],
            ("b2b", "b2c")[number // 9 % 2],
            [invoice(id=number * 3 + each, due=date(2025, 1, 1) + timedelta(days=number % 500)) for each in range(1 + number % 3)],
            claims="none" if number % 10 else "all",
        )
        for number in range(count)
    ]
    started = time.process_time()
    charges = sum(len(law.rule(step).charges) for step in steps)
    took = time.process_time() - started
    return Figure(f"{count:,} rulings with {charges:,} charges in {took:.2f} s of the processor", took < 3 * count / 60_000 and charges > 0)
