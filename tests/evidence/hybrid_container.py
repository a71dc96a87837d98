"""The container's conditions beside veraPDF: the same tests of PDF/A-3B fail, file by file."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.evidence import Figure, corpora, figure, scaled


@figure("container-conditions", bar="each test of veraPDF's PDF/A-3B is a condition or on the list of what we do not see", item=4)
def conditions() -> Figure:
    from einvoice.pdf.conditions import page

    covered, unseen = (len(each) for each in page.profile()[:2])
    return Figure(f"{covered} of the profile's tests known, {unseen} of them not seen by us", covered > 100 and unseen < 10)


@figure("container-agreement", bar="published hybrids, and PDFs with one thing broken: the same tests fail for us and for veraPDF", item=4)
def agreement() -> Figure:
    from tests.pdf import agreement as both

    published = {path.name: path.read_bytes() for path in sorted((corpora() / "zugferd-pdf").glob("*.pdf"))}
    with tempfile.TemporaryDirectory() as folder:
        first = both.compared(published, Path(folder))
        second = both.compared(both.broken(), Path(folder))
    differ = sum(each.files - each.equal for each in (first, second))
    text = f"{first.files} published and {second.files} broken ones, {len(second.agreed)} tests met, {differ} differ"
    return Figure(text, not differ and second.files > 200)


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
