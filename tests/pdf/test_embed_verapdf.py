"""veraPDF calls every hybrid PDF/A-3B: of each level, of a page by Typst, reportlab or a browser, and of pages that were mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice.pdf.embed import Attached, embed
from tests import verapdf
from tests.corpora import ABSENT, folder
from tests.pdf import papers
from tests.pdf.test_mending import SEEN


def failures(home: Path, pdfs: dict[str, bytes]) -> dict[str, list[str]]:
    """What veraPDF finds in which of the PDFs."""
    paths = {home / f"{number}.pdf": what for number, what in enumerate(pdfs)}
    for path, what in paths.items():
        path.write_bytes(pdfs[what])
    found = verapdf.judge(list(paths))
    return {paths[Path(path)]: [str(each) for each in failed] for path, failed in found.items() if failed}


def test_of_every_level_and_of_every_program(tmp_path: Path) -> None:
    made = {profile: embed(papers.printed(), papers.cii(profile), attachments=[Attached("a.csv", b"1")]) for profile in papers.LEVELS}
    for paper in (papers.archived, papers.by_reportlab, papers.by_a_browser):
        made[paper.__name__] = embed(paper(), papers.cii())
    assert failures(tmp_path, made) == {}


@pytest.mark.slow
def test_of_every_page_that_was_mended(tmp_path: Path) -> None:
    assert failures(tmp_path, {what: embed(papers.changed(change, papers.archived()), papers.cii()) for what, change in SEEN.items()}) == {}


@pytest.mark.slow
def test_of_every_published_hybrid_that_gets_another_invoice(tmp_path: Path) -> None:
    corpora = folder()
    if corpora is None:
        pytest.skip(ABSENT)
    published = sorted((corpora / "zugferd-pdf").glob("*.pdf"))
    assert len(published) > 30
    assert failures(tmp_path, {path.name: embed(path, papers.cii()) for path in published}) == {}
