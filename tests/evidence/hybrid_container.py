"""The container's conditions beside veraPDF: the same tests of PDF/A-3B fail, file by file."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.evidence import Figure, corpora, figure, scaled


@figure("container-conditions", bar="one PDF meets every condition; each condition but one has a change that breaks it", item=4)
def conditions() -> Figure:
    from einvoice.pdf.conditions import all_conditions, page
    from tests.pdf import test_conditions as tests
    from tests.pdf.rich import rich

    known, changes = {each.id for each in all_conditions()}, tests.broken()
    caught = {rule for rule, change in changes if rule in tests.rules(change())}
    unbroken, held = known - caught, tests.rules(rich()) == set()
    _, unseen = page.profile()
    text = f"{len(known)} conditions, {len(changes)} changes break {len(caught)}; {len(unseen)} tests of veraPDF's not seen"
    return Figure(f"{text}; too large to make: {', '.join(sorted(unbroken))}", held and unbroken == tests.TOO_LARGE_TO_MAKE)


@figure("container-agreement", bar="published hybrids, and PDFs with one thing broken: the same tests fail for us and for veraPDF", item=4)
def agreement() -> Figure:
    from tests.pdf import agreement as both

    published = {path.name: path.read_bytes() for path in sorted((corpora() / "zugferd-pdf").glob("*.pdf"))}
    with tempfile.TemporaryDirectory() as folder:
        first = both.compared(published, Path(folder))
        second = both.compared(both.broken(), Path(folder))
    differ = sum(each.files - each.equal for each in (first, second))
    unread = first.unread + second.unread
    counted = f"{len(second.agreed)} tests met, {differ} differ; unread by veraPDF: {', '.join(unread) or 'none'}"
    holds = not differ and not first.called_fine and not second.called_fine and len(unread) <= 1
    return Figure(f"{first.files} published and {second.files} broken ones, {counted}", holds and second.files > 200)


@figure("container-mutants", bar="random changes: none called fine that veraPDF refuses, at most 1 % judged otherwise", item=4)
def changed() -> Figure:
    from tests.pdf import agreement as both
    from tests.pdf import mutants, rich

    bases = [*both.small((corpora() / "zugferd-pdf").glob("*.pdf")), *[rich.rich()] * 12]
    made = {str(number): data for number, data in enumerate(mutants.mutants(bases, 7, scaled(600)))}
    with tempfile.TemporaryDirectory() as folder:
        found = both.compared(made, Path(folder))
    differ = found.files - found.equal
    counted = f"{len(found.called_fine)} called fine, {len(found.unread)} unread by veraPDF"
    text = f"{found.files} mutants, {found.equal} judged the same, {counted}"
    return Figure(text, not found.called_fine and differ <= max(1, found.files / 100))
