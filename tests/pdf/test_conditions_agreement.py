"""The conditions agree with veraPDF: over published hybrids, over PDFs with one thing broken, and over random changes of both."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpora import ABSENT, folder
from tests.pdf import agreement, mutants, rich
from tests.scale import scaled

pytestmark = pytest.mark.slow

STRICTER = {"6.2.11.5-1", "6.2.11.4.1-2", "6.2.11.8-1"}
"""veraPDF asks for the glyphs of a composite font on the first page only that shows it."""
TOLERATED = 0.01
"""The share of mutants that may differ: damaged content and widths are given up by either at another place."""


def published() -> list[Path]:
    """The hybrids of the corpora."""
    corpora = folder()
    if corpora is None:
        pytest.skip(ABSENT)
    return sorted((corpora / "zugferd-pdf").glob("*.pdf"))


def test_published_hybrids(tmp_path: Path) -> None:
    pdfs = {path.name: path.read_bytes() for path in published()}
    found = agreement.compared(pdfs, tmp_path)
    assert found.files == len(pdfs) > 30
    assert (found.ours_only, found.theirs_only) == ({}, {}), found.summary


def test_every_small_change_that_breaks_a_condition(tmp_path: Path) -> None:
    made = agreement.broken()
    found = agreement.compared(made, tmp_path)
    assert len(made) > 200
    assert set(found.unread) <= {"PDFA-6.2.11.2-3 0"}
    assert (found.ours_only, found.theirs_only) == ({}, {}), found.summary
    assert len(found.agreed) > 130


def test_random_changes(tmp_path: Path) -> None:
    bases = [*agreement.small(published()), *[rich.rich()] * 12, *[rich.plain()] * 2]
    made = {f"mutant {number}": data for number, data in enumerate(mutants.mutants(bases, 20261128, scaled(300)))}
    found = agreement.compared(made, tmp_path)
    differ = {each for test, files in found.ours_only.items() if test not in STRICTER for each in files}
    differ |= {each for files in found.theirs_only.values() for each in files}
    assert found.called_fine == (), found.summary
    assert len(found.unread) + len(differ) <= max(2, TOLERATED * 2 * len(made)), found.summary
    assert len(differ) <= max(1, TOLERATED * len(made)), found.summary
