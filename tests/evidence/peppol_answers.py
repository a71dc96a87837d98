"""Answers: Invoice Response, MLR and MLS, by the official rules and through the network to a dispute."""

from __future__ import annotations

from tests.evidence import Figure, NotMeasured, figure, scaled


@figure("answers-agreement", bar="the fatal ids of Peppol's own rules on every mutant of an answer", item=7)
def answers_agreement() -> Figure:
    from tests import stylesheets
    from tests.peppol.answer_mutants import compare

    try:
        found = compare(scaled(5_000))
    except stylesheets.Absent as absent:
        raise NotMeasured(str(absent)) from absent
    value = (
        f"{found.judged} mutants judged by both, {len(found.fired)} rules fired, {len(found.different)} differences {found.different[:3]}"
    )
    return Figure(value, found.judged > 0 and not found.different)


@figure("loopback", bar="sent, checked, answered and disputed through DNS, SMP and two access points, on SQLite and on PostgreSQL", item=7)
def loopback() -> Figure:
    from pathlib import Path
    from tempfile import TemporaryDirectory
    from time import perf_counter

    from tests.peppol.loopback_story import EXPECTED, told

    found, begun = {}, perf_counter()
    for database in ("sqlite", "postgresql"):
        with TemporaryDirectory() as folder:
            found[database] = told(Path(folder), database)
    wrong = {database: became for database, became in found.items() if became != EXPECTED}
    events = " → ".join(found["sqlite"]["events"])
    return Figure(f"{len(found)} stories in {perf_counter() - begun:.0f} s: {events}; {len(wrong)} otherwise {wrong or ''}", not wrong)
