"""The container of a hybrid: its layer in a report, what is said where, and that hostile PDFs end."""

from __future__ import annotations

import io
import time
import zlib
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from einvoice.errors import NoInvoice, PDFError, SeveralInvoices, UnsafePDF
from einvoice.pdf import container
from einvoice.pdf.conditions import condition
from einvoice.pdf.conditions.condition import CONDITIONS, MOST, Condition, run
from einvoice.pdf.conditions.document import Document
from einvoice.pdf.conditions.seen import painting
from einvoice.report import Severity, Verdict
from tests import corpora
from tests.pdf import breaking, papers, raw, rich


def test_a_hybrid_of_ours_is_a_valid_layer() -> None:
    examined = container.examine(rich.plain(), name="a.pdf")
    assert examined.layer.name == "pdf"
    assert examined.layer.verdict is Verdict.VALID
    assert examined.layer.findings == ()
    assert "ISO 19005-3" in examined.layer.version
    assert examined.xml == examined.hybrid.data


def test_a_broken_container_makes_the_layer_invalid() -> None:
    layer = container.examine(rich.patched(breaking.put("", AA=Dictionary()))).layer
    assert layer.verdict is Verdict.INVALID
    assert [(each.rule, each.value) for each in layer.findings] == [("PDFA-6.5.2-2", "page 2")]


def test_what_only_weighs_less_leaves_it_valid() -> None:
    layer = container.examine(rich.patched(breaking.file(Desc=None))).layer
    assert layer.verdict is Verdict.VALID
    assert [each.severity for each in layer.findings] == [Severity.INFORMATION]


def test_a_pdf_without_an_invoice_has_no_layer() -> None:
    with pytest.raises(NoInvoice):
        container.examine(papers.archived())


def test_the_syntax_is_looked_at_where_there_are_bytes() -> None:
    data = rich.rich() + b"\nbye"
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert container.findings(pdf) == ()
        assert [each.rule for each in container.findings(pdf, data=data)] == ["PDFA-6.1.3-3"]


def test_a_condition_that_cannot_be_computed_makes_the_layer_invalid() -> None:
    def breaks(_: object) -> object:
        raise ZeroDivisionError

    with pikepdf.open(io.BytesIO(rich.plain())) as pdf:
        (found,) = run(Document(pdf), [Condition("X", "catalog", breaks, "Change it.", Severity.INFORMATION)])
        assert (found.rule, found.severity) == ("X", Severity.FATAL)
        (found,) = run(Document(pdf), [Condition("Y", "nothing_such", breaks, "Change it.")])
        assert (found.rule, found.severity) == ("Y", Severity.FATAL)


def test_what_has_no_end_is_raised() -> None:
    def endless(_: object) -> object:
        raise UnsafePDF("no end")

    with pikepdf.open(io.BytesIO(rich.plain())) as pdf, pytest.raises(UnsafePDF):
        run(Document(pdf), [Condition("X", "catalog", endless, "Change it.")])


def test_many_places_are_counted() -> None:
    with pikepdf.open(io.BytesIO(rich.plain())) as pdf:
        note = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Movie, Rect=Array([0, 0, 9, 9]), F=4))
        pdf.pages[0].obj.Annots = Array([note] * 25)
        found = [each for each in container.findings(pdf) if each.rule == "PDFA-6.3.1-1"]
    assert len(found) == MOST
    assert found[-1].value is not None
    assert found[-1].value.endswith(f"and {25 - MOST} more places")


def test_an_id_is_there_once() -> None:
    taken = next(iter(CONDITIONS))
    with pytest.raises(ValueError, match="is there already"):
        condition.condition(taken, "catalog")(lambda _: True)


def findings(data: bytes, limit: int = 10_000_000) -> set[str]:
    """The conditions that a PDF does not meet."""
    with pikepdf.open(io.BytesIO(data), suppress_warnings=True, inherit_page_attributes=False) as pdf:
        return {each.rule for each in container.findings(pdf, data=data, limit=limit)}


def hostile(content: bytes, form: bytes = b"", count: int = 1, resources: bytes = b"") -> bytes:
    """A page with content, and forms that paint the next of them, the last one the first."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</XObject<</F 10 0 R>>%b>>>>" % resources
    objects = {3: page, 4: raw.stream(b"", content)}
    for number in range(count):
        following = 10 + (number + 1) % count
        own = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>" % following
        objects[10 + number] = raw.stream(own, form)
    return raw.pdf(objects)


def test_a_form_that_paints_itself_ends() -> None:
    assert "PDFA-6.6.2.1-1" in findings(hostile(b"/F Do", b"/F Do /F Do", 1))


def test_forms_that_paint_each_other_many_times_end() -> None:
    begun = time.perf_counter()
    findings(hostile(b"/F Do " * 10, b"/F Do " * 10, 40))
    assert time.perf_counter() - begun < 2


def test_content_without_end_is_refused() -> None:
    bomb = zlib.compress(b"0 0 m " * 4_000_000, 9)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<<>>>>"
    with pytest.raises(PDFError):
        findings(raw.pdf({3: page, 4: raw.stream(b"/Filter/FlateDecode", bomb)}))


def test_operators_without_number_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(painting, "MOST_STEPS", 1_000)
    findings(hostile(b"q " * 900))
    with pytest.raises(UnsafePDF):
        findings(hostile(b"q " * 1_001))
    with pytest.raises(UnsafePDF):
        findings(hostile(b"/F Do " + b"q " * 600, b"q " * 600))


def test_parentheses_without_end_take_no_time() -> None:
    begun = time.perf_counter()
    findings(hostile(b"(" * 200_000))
    findings(hostile(b"<<" * 200_000))
    findings(hostile(b"[" * 200_000 + b"(" * 1_000 + b"\\" * 1_001))
    assert time.perf_counter() - begun < 5


def test_a_tree_of_pages_that_leads_back_ends() -> None:
    assert "PDFA-6.1.3-1" in findings(raw.pdf({2: b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>"}))


def test_fields_actions_and_outlines_that_lead_back_end() -> None:
    catalog = b"/AcroForm<</Fields[7 0 R]>>/Outlines<</First 8 0 R>>/OpenAction 9 0 R/StructTreeRoot<</K 6 0 R>>/AF[5 0 R]"
    objects = {
        5: b"<</Type/Filespec>>",
        6: b"<</S/P/K[6 0 R 6 0 R]>>",
        7: b"<</T(a)/Kids[7 0 R]/Parent 7 0 R>>",
        8: b"<</Next 8 0 R/First 8 0 R/A 9 0 R>>",
        9: b"<</S/GoTo/Next[9 0 R 9 0 R]>>",
    }
    assert "PDFA-6.5.1-1" not in findings(raw.pdf(objects, catalog))


def test_many_objects_take_seconds_not_minutes() -> None:
    objects = {number: b"<</A %d>>" % number for number in range(4, 50_000)}
    begun = time.perf_counter()
    findings(raw.pdf(objects))
    assert time.perf_counter() - begun < 10


def test_a_page_without_anything_is_looked_at() -> None:
    assert "FX-invoice" in findings(raw.pdf())


def hybrids() -> list[Path]:
    """The published hybrids."""
    folder = corpora.folder()
    return sorted((folder / "zugferd-pdf").glob("*.pdf")) if folder else []


@pytest.mark.parametrize("path", hybrids() or [None], ids=lambda path: path.name if path else "absent")
def test_every_published_hybrid_is_judged(path: Path | None) -> None:
    if path is None:
        pytest.skip(corpora.ABSENT)
    try:
        layer = container.examine(path.read_bytes(), name=path.name).layer
    except PDFError as fault:
        assert isinstance(fault, NoInvoice | SeveralInvoices)  # noqa: PT017 - which of the files that is shows the extraction's test
        return
    assert layer.verdict is not Verdict.NOT_JUDGED
    assert not [each for each in layer.findings if "could not be computed" in each.text]
    if "_fail_" not in path.name:
        assert layer.verdict is Verdict.VALID
