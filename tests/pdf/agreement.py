"""Our conditions beside veraPDF's tests of PDF/A-3B, file by file and test by test."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pikepdf

from einvoice.pdf import container
from einvoice.pdf.conditions import page
from tests import verapdf
from tests.pdf import breaking, breaking_metadata, breaking_syntax, rich


class Compared(NamedTuple):
    """What came out: files judged by both, those with the same tests failed, tests failed in both, files that veraPDF could not read;
    then what one alone says, a test to its files, and the files that we call fine though a test that we cover fails.
    """

    files: int
    equal: int
    agreed: Counter[str]
    unread: tuple[str, ...]
    ours_only: dict[str, list[str]]
    theirs_only: dict[str, list[str]]
    called_fine: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The counts in a line."""
        found = f"{self.files} files, {self.equal} the same, {sum(self.agreed.values())} findings of {len(self.agreed)} tests agreed"
        return f"{found}, {len(self.unread)} unread; ours only {self.ours_only}, veraPDF's only {self.theirs_only}"


def compared(pdfs: dict[str, bytes], home: Path) -> Compared:
    """Judges the PDFs, which are written into a folder, by both."""
    ours = {what: failed(data) for what, data in pdfs.items()}
    paths = {what: home / f"{number}.pdf" for number, what in enumerate(pdfs)}
    for what, path in paths.items():
        path.write_bytes(pdfs[what])
    judged = verapdf.judge(list(paths.values()))
    unseen = page.profile()[1]
    theirs = {what: {f"{each.clause}-{each.test}" for each in judged[path]} - set(unseen) for what, path in paths.items()}
    unread = tuple(what for what in pdfs if "unread-0" in theirs[what])
    both = [what for what in pdfs if what not in unread]
    return Compared(
        files=len(both),
        equal=sum(ours[what] == theirs[what] for what in both),
        agreed=Counter(each for what in both for each in ours[what] & theirs[what]),
        unread=unread,
        ours_only=_by_test({what: ours[what] - theirs[what] for what in both}),
        theirs_only=_by_test({what: theirs[what] - ours[what] for what in both}),
        called_fine=tuple(what for what in both if theirs[what] and not ours[what]),
    )


def failed(data: bytes) -> set[str]:
    """The tests of the profile that we say fail, as `clause-number`."""
    with pikepdf.open(io.BytesIO(data), inherit_page_attributes=False, suppress_warnings=True) as pdf:
        found = container.findings(pdf, data=data)
    return {each.rule.removeprefix("PDFA-") for each in found if each.rule.startswith("PDFA-")}


def _by_test(found: dict[str, set[str]]) -> dict[str, list[str]]:
    tests: dict[str, list[str]] = {}
    for what, each in found.items():
        for test in sorted(each):
            tests.setdefault(test, []).append(what)
    return tests


def broken() -> dict[str, bytes]:
    """The PDF that has something of everything, and every small change of it that breaks a condition."""
    tables = (breaking.GRAPHICS, breaking.FONTS, breaking.INTERACTION, breaking.FILES, breaking_metadata.METADATA, breaking_metadata.HYBRID)
    made = {"rich": rich.rich()}
    for rule, patches in ((rule, patches) for table in tables for rule, patches in table.items()):
        made |= {f"{rule} {number}": rich.patched(patch) for number, patch in enumerate(patches)}
    for rule, changes in breaking_syntax.SYNTAX.items():
        made |= {f"{rule} {number}": change() for number, change in enumerate(changes)}
    return made


def small(pdfs: Iterable[Path], most: int = 400_000) -> list[bytes]:
    """Those files that are small."""
    return [path.read_bytes() for path in sorted(pdfs) if path.stat().st_size < most]
