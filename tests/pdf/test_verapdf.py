"""The judge judges: it lets pass what complies, and nothing else."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import typst

from tests.verapdf import judge

PAGE = b"#set document(date: datetime(year: 2026, month: 11, day: 28))\nhello"


def test_it_tells_what_complies_from_what_does_not(tmp_path: Path) -> None:
    archived = typst.compile(PAGE, format="pdf", pdf_standards=["a-3b"])
    with pikepdf.open(io.BytesIO(archived)) as pdf:
        del pdf.Root.Metadata
        pdf.save(tmp_path / "bare.pdf")
    (tmp_path / "archived.pdf").write_bytes(archived)
    (tmp_path / "plain.pdf").write_bytes(typst.compile(PAGE, format="pdf"))
    (tmp_path / "cut.pdf").write_bytes(archived[: len(archived) // 2])
    found = judge(sorted(tmp_path.iterdir()))
    assert {path.name for path, failures in found.items() if not failures} == {"archived.pdf"}
    assert ("6.6.2.1", 1) in {failure[:2] for failure in found[tmp_path / "bare.pdf"]}
    assert found[tmp_path / "plain.pdf"]
    assert [failure.clause for failure in found[tmp_path / "cut.pdf"]] == ["unread"]
