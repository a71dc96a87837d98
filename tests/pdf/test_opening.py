"""`opened`: what a PDF from outside is refused for."""

from __future__ import annotations

import io
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest
from pikepdf import settings

from einvoice.errors import DocumentError, EncryptedPDF, MalformedPDF, UnknownFormat, Unreadable, UnsafePDF
from einvoice.pdf import bounds
from einvoice.pdf.extract import extract, files, hybrid
from einvoice.pdf.opening import opened
from tests.pdf import raw
from tests.pdf.hybrids import Made, cii

CII = cii()
HYBRID = Made().named(("factur-x.xml", CII)).bytes()
NOWHERE = pikepdf.Permissions(extract=False)


def encrypted(**how: Any) -> bytes:
    return Made().named(("factur-x.xml", CII)).bytes(encryption=pikepdf.Encryption(**how))


@pytest.mark.parametrize(
    "data",
    [
        encrypted(user="secret", owner="other"),
        encrypted(owner="other"),
        encrypted(user="", owner=""),
        encrypted(owner="other", allow=NOWHERE),
        encrypted(user="secret", owner="other", R=4),
        encrypted(owner="other", R=4, aes=False, metadata=False),
        encrypted(owner="other", R=3, aes=False, metadata=False),
    ],
    ids=["AES-256, user's", "AES-256, owner's", "AES-256, none", "AES-256, no copies", "AES-128", "RC4, 128 bits", "RC4"],
)
def test_encrypted_with_whatever_password(data: bytes) -> None:
    with pytest.raises(EncryptedPDF) as refused:
        extract(data)
    assert refused.value.mend


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", UnknownFormat),
        (CII, UnknownFormat),
        (b"PK\x03\x04zip", UnknownFormat),
        (b" " * 1024 + HYBRID, UnknownFormat),
        (b"%PDF-1.7\n", MalformedPDF),
        (b"%PDF-1.7\n%%EOF\n", MalformedPDF),
        (HYBRID[:-7], MalformedPDF),
        (HYBRID + b"\n" * 2000, MalformedPDF),
        (HYBRID + b"12 0 obj\n<</Type/Cata", MalformedPDF),
        (HYBRID + b"\n12", MalformedPDF),
        (HYBRID.replace(b"startxref\n", b"startxref\n9"), MalformedPDF),
        (HYBRID.replace(b"/Root", b"/Rood"), MalformedPDF),
    ],
)
def test_what_is_no_pdf_or_a_damaged_one(data: bytes, kind: type[DocumentError]) -> None:
    with pytest.raises(kind) as refused:
        extract(data)
    assert refused.value.mend


@pytest.mark.parametrize("data", [b"\r\n" + HYBRID, HYBRID + b"\r\n", HYBRID + b"\0" * 1000, HYBRID[:-1]])
def test_what_mail_adds_before_and_behind_does_not_matter(data: bytes) -> None:
    assert extract(data) == CII


def test_errors_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(HYBRID[:-7])
    with pytest.raises(MalformedPDF) as refused:
        extract(path)
    assert refused.value.source == str(path)
    with pytest.raises(MalformedPDF) as refused:
        hybrid(path.read_bytes(), name="mail/1")
    assert refused.value.source == "mail/1"
    with pytest.raises(Unreadable):
        extract(tmp_path / "none.pdf")


def test_a_larger_file_than_the_setting_allows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnsafePDF):
        hybrid(HYBRID, max_size=len(HYBRID) - 1)
    with pytest.raises(UnsafePDF):
        hybrid(io.BytesIO(HYBRID), max_size=len(HYBRID) - 1)
    assert hybrid(HYBRID, max_size=max(len(HYBRID), len(CII))).data == CII


def test_what_unpacks_beyond_the_size_is_refused() -> None:
    data = Made().named(("factur-x.xml", b" " * 200_000)).bytes()
    with pytest.raises(UnsafePDF):
        hybrid(data, max_size=199_999)
    with pytest.raises(UnsafePDF):
        files(Made().named(*((f"{n}.txt", b" " * 100_000) for n in range(3))).bytes(), max_size=299_999)
    assert len(files(Made().named(*((f"{n}.txt", b" " * 100_000) for n in range(3))).bytes(), max_size=300_000)) == 3


def test_linearised_and_packed_files_open() -> None:
    made = Made(pages=20).named(("factur-x.xml", CII))
    assert extract(made.bytes(linearize=True)) == CII
    assert extract(made.bytes(object_stream_mode=pikepdf.ObjectStreamMode.generate)) == CII


@pytest.mark.parametrize("platform", [sys.platform, "another"])
def test_a_system_without_files_in_memory_reads_the_same(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("einvoice.pdf.opening.sys", SimpleNamespace(platform=platform))
    with opened(HYBRID) as found:
        assert all(each.read_raw_bytes() is not None for each in found.pdf.objects if isinstance(each, pikepdf.Stream))
        copy = io.BytesIO()
        found.pdf.save(copy)
    assert extract(copy.getvalue()) == extract(HYBRID) == CII


def test_bounds_end_with_the_pdf_that_they_are_for() -> None:
    before = settings.get_qpdf_limits()
    with opened(HYBRID, max_size=1_000_000):
        with opened(HYBRID, max_size=2_000_000):
            assert settings.get_qpdf_limits()["flate_max_memory"] == 2_000_000
        assert settings.get_qpdf_limits()["flate_max_memory"] == 1_000_000
    with pytest.raises(MalformedPDF):
        extract(HYBRID[:-7])
    assert settings.get_qpdf_limits() == before


def test_stricter_bounds_of_the_process_stay() -> None:
    before: dict[str, Any] = settings.set_qpdf_limits(flate_max_memory=1000)
    try:
        with opened(HYBRID):
            assert settings.get_qpdf_limits()["flate_max_memory"] == 1000
    finally:
        settings.set_qpdf_limits(**before)


def test_several_threads_open_and_leave_no_bounds() -> None:
    before = settings.get_qpdf_limits()
    with ThreadPoolExecutor(4) as pool:
        assert {*pool.map(extract, [HYBRID] * 80)} == {CII}
    assert settings.get_qpdf_limits() == before


def test_what_qpdf_finds_damaged_within_the_block_is_named() -> None:
    with pytest.raises(MalformedPDF), opened(HYBRID):
        raise pikepdf.PdfError("broken")
    with pytest.raises(UnsafePDF), opened(HYBRID):
        raise pikepdf.PdfError("a.pdf (offset 1): PL_Flate memory limit exceeded")


def test_an_older_revision_is_never_found_by_repair() -> None:
    """The newest revision withdraws the invoice; where its table is damaged the older one is not looked for."""
    old = raw.pdf(*raw.attached(CII))
    assert extract(old) == CII
    start = len(old)
    new = b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    table = b"xref\n1 1\n%010d 00000 n \ntrailer\n<</Size 12/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    whole = old + new + table % (start, old.rfind(b"xref\n0"), start + len(new))
    assert refused(whole) == "NoInvoice"
    for end in range(start + 1, len(whole) - 1):
        assert refused(whole[:end]) == "MalformedPDF" or whole[start:end].isspace()
    assert refused(whole.replace(b"xref\n1 1", b"xrez\n1 1")) == "MalformedPDF"


def refused(data: bytes) -> str | None:
    try:
        extract(data)
    except DocumentError as fault:
        return type(fault).__name__
    return None


def test_bounds_know_what_is_open() -> None:
    with bounds.applied(5000), bounds.applied(5000):
        assert settings.get_qpdf_limits()["flate_max_memory"] == 5000
