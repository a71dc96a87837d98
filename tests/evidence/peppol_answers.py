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
