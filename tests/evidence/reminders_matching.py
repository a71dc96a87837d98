"""Matching: what the bank says is read whole or not at all, and pays the right invoices or goes to a person."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from tests.evidence import Figure, figure, scaled
from tests.evidence.databases import sqlite

if TYPE_CHECKING:
    from tests.receivables.bank_families import Family
    from tests.receivables.bank_judge import Judged

_STRUCTURED, _OTHER = 95, 70


def _lived(family: Family, lines: int, seed: int, *, person: bool = True) -> Judged:
    from tests.receivables.bank_judge import Living
    from tests.receivables.bank_year import year

    with sqlite() as engine, TemporaryDirectory() as folder:
        return Living(engine, year(family, lines, seed), Path(folder), person=person).live()


def _said(name: str, judged: Judged) -> str:
    shares = ", ".join(f"{judged.share(kind):.1f} % of {judged.total(kind):,} {words}" for kind, words in _CLASSES)
    return f"{name}: {judged.lines:,} lines, {len(judged.wrong)} wrong automatic, automatic {shares}"


_CLASSES = (("structured", "payments that were to carry a structured reference"), ("other", "other payments of debtors"))


@figure("bank-year", bar="0 wrong automatic (invoice or debtor); automatic: >= 95 % with a structured reference, >= 70 % without", item=4)
def bank_year() -> Figure:
    """A year of 100,000 lines in CAMT, MT940 and CODA, and one of a family that the matcher was not built on.

    Of all payments of debtors, also those with mistyped, foreign and outdated references, third payers, or nothing written at all.
    Automatic is what is booked as the truth has it with nobody's help: a second payment of the same counts where it stands on the right
    debtor's account. A part paid under another own reference is booked where the payer designated it, and is neither.
    """
    from tests.receivables.bank_families import BENELUX, NORTHERN

    found = {
        name: _lived(family, scaled(lines), 2026) for name, family, lines in (("year", BENELUX, 100_000), ("hold-out", NORTHERN, 30_000))
    }
    holds = all(
        not one.wrong and one.share("structured") >= _STRUCTURED and one.share("other") >= _OTHER and one.total("other") > 0
        for one in found.values()
    )
    return Figure("; ".join(_said(name, one) for name, one in found.items()) + _first_wrong(found.values()), holds)


def _first_wrong(years: object) -> str:
    wrong = [each for one in years for each in one.wrong]  # type: ignore[attr-defined]
    return f"; first wrong: {wrong[0][:600]}" if wrong else ""


_NOISE = {
    "amount typo",
    "combined",
    "cut at 140",
    "discount",
    "double",
    "equal amounts at two debtors",
    "foreign reference",
    "missing reference",
    "name variant",
    "no name",
    "number with parts missing",
    "overpaid",
    "partial",
    "refund",
    "reversal",
    "swapped digits",
    "third party",
    "wrong number",
    "wrong reference",
}


@figure(
    "bank-noise", bar="each named noise occurs, none makes a wrong automatic match, with a person who settles the rest and without", item=4
)
def bank_noise() -> Figure:
    from tests.receivables.bank_families import BENELUX, NORTHERN
    from tests.receivables.bank_judge import by_label

    totals: dict[str, Counter[str]] = {}
    wrong = 0
    for family in (BENELUX, NORTHERN):
        for seed, person in ((1, True), (2, False)):
            judged = _lived(family, scaled(6_000), seed, person=person)
            wrong += len(judged.wrong)
            for prefix in ("noise ", "label "):
                for name, outcomes in by_label(judged, prefix).items():
                    totals.setdefault(name, Counter()).update(outcomes)
    text = ", ".join(f"{name} {sum(counts.values())} ({counts['automatic']} automatic)" for name, counts in sorted(totals.items()))
    return Figure(f"{wrong} wrong; {text}", wrong == 0 and set(totals) >= _NOISE)


@figure("bank-cut", bar="a file cut anywhere before the end of its last balance imports nothing, and says where it ends", item=4)
def bank_cut() -> Figure:
    from tests.receivables.bank_trials import cuts

    found = cuts(scaled(3_000))
    return Figure(
        ", ".join(f"{name} {count:,}" for name, count in sorted(found.items())), found["kept something"] == 0 and found["refused"] > 0
    )


@figure(
    "bank-twice",
    bar="the same file twice changes nothing; lines of overlapping files count once; identical lines of a day count each",
    item=4,
)
def bank_twice() -> Figure:
    from tests.receivables.bank_trials import overlaps, twice

    again, parts = twice(scaled(3_000)), overlaps(scaled(3_000))
    holds = (
        not again["changed"]
        and parts["lines"] == parts["distinct"]
        and parts["identical kept"] == parts["identical"]
        and again["files"] == 3
    )
    return Figure(f"{dict(again)}; overlapping: {dict(parts)}", holds)


@figure(
    "bank-formats", bar="CAMT.053 and .054 (02 to 13), MT940 (Dutch, German), CODA: every field that a format carries comes back", item=4
)
def bank_formats() -> Figure:
    from tests.receivables.bank_trials import formats

    found, faults = formats(scaled(2_000))
    return Figure(
        f"{', '.join(f'{name} {count:,}' for name, count in sorted(found.items()))} lines, {len(faults)} faults {faults[:2]}", not faults
    )


@figure("payment-stops-reminder", bar="from the import of the statement on no reminder leaves; import and last look within 1 s", item=4)
def payment_stops() -> Figure:
    from tests.receivables.bank_trials import stopped

    sent_before, sent, seconds = stopped()
    return Figure(
        f"without the payment {sent_before} sent, with it {sent}; {seconds * 1000:.0f} ms from file to withdrawal",
        sent_before == 1 and sent == 0 and seconds <= 1,
    )


@figure("matching-speed", bar="100,000 lines in one file within 10 minutes on SQLite, entries summing to zero", item=4)
def speed() -> Figure:
    from tests.receivables.bank_speed import one_file

    begun = perf_counter()
    with sqlite() as engine, TemporaryDirectory() as folder:
        found = one_file(engine, Path(folder), scaled(100_000))
    rate = found.lines / found.seconds
    whole = perf_counter() - begun
    text = f"{found.lines:,} lines ({found.size / 1e6:.0f} MB) in {found.seconds:.0f} s: {rate:,.0f} lines/s; all in {whole:.0f} s"
    return Figure(text, found.lines / 100_000 * 600 >= found.seconds and found.balance == 0)
