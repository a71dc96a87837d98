"""Damaged files: whatever is cut off or changed, the answer is the XML as it was embedded, or an error with a name."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

import pikepdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from einvoice.errors import DocumentError, EInvoiceError
from einvoice.pdf.extract import extract, files, hybrid
from tests import corpora
from tests.pdf import raw
from tests.pdf.hybrids import Made, cii, xmp

CII = cii()


def made() -> Made:
    return Made(pages=2).named(("a.txt", b"hello"), ("factur-x.xml", CII)).claiming(xmp("factur-x.xml")).annotated(CII, page=1)


PACKED = pikepdf.ObjectStreamMode.generate
FORMS = {
    "a table": made().bytes(object_stream_mode=pikepdf.ObjectStreamMode.disable),
    "object streams": made().bytes(object_stream_mode=PACKED),
    "linearised": made().bytes(linearize=True),
    "by hand, nothing packed": raw.pdf(*raw.attached(CII)),
}


def answer(data: bytes) -> bytes | None:
    """The XML, or None where it is refused by name; any other error is a fault of ours."""
    try:
        return extract(data)
    except DocumentError:
        return None


@pytest.mark.parametrize("form", FORMS)
def test_no_beginning_of_a_file_gives_anything_but_the_xml(form: str) -> None:
    data = FORMS[form]
    assert answer(data) == CII
    ends = {*range(0, len(data), 97), *range(len(data) - 400, len(data)), *range(1100)}
    given = {end for end in ends if answer(data[:end]) is not None}
    assert given <= {len(data) - 1}  # without the last end of line it is whole
    assert all(answer(data[:end]) == CII for end in given)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_no_beginning_at_all(form: str) -> None:
    data = FORMS[form]
    assert {answer(data[:end]) for end in range(len(data))} <= {None, CII}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=150, deadline=None)
@given(flips=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(1, 255)), min_size=1, max_size=8))
@example(flips=[(0, 1)])
def test_changed_bytes_never_break_anything_of_ours(form: str, flips: list[tuple[int, int]]) -> None:
    data = bytearray(FORMS[form])
    for at, change in flips:
        data[at % len(data)] ^= change
    attempt(bytes(data))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([*FORMS]), st.integers(0, 1 << 20), st.binary(max_size=40), st.integers(0, 40))
def test_bytes_put_in_and_taken_out_never_break_anything_of_ours(form: str, at: int, new: bytes, gone: int) -> None:
    data = FORMS[form]
    place = at % len(data)
    attempt(data[:place] + new + data[place + gone :])


@pytest.mark.slow
@settings(max_examples=3000, deadline=None)
@given(st.sampled_from([*FORMS]), st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(1, 255)), min_size=1, max_size=30))
def test_many_changed_bytes(form: str, flips: list[tuple[int, int]]) -> None:
    data = bytearray(FORMS[form])
    for at, change in flips:
        data[at % len(data)] ^= change
    attempt(bytes(data))


KEYS = (
    b"/Names",
    b"/EF",
    b"/F",
    b"/UF",
    b"/AF",
    b"/Kids",
    b"/Annots",
    b"/FS",
    b"/Filter",
    b"/Metadata",
    b"/AFRelationship",
    b"/Length",
    b"/Pages",
)
VALUES = (b"null", b"true", b"-1", b"1.5", b"(text)", b"/Name", b"[]", b"[null 1]", b"<<>>", b"1 0 R", b"11 0 R", b"99 0 R", b"[[[]]]")
DAMAGED = raw.pdf(
    {
        10: b"<</Type/Filespec/F (factur-x.xml)/UF (factur-x.xml)/Desc (d)/AFRelationship /Data/EF <</F 11 0 R/UF 11 0 R>>>>",
        11: b"<</Filter /FlateDecode/Length 5>>\nstream\nhello\nendstream",
        12: b"<</Type/Annot/Subtype /FileAttachment/FS 10 0 R>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>/AF [10 0 R]/Annots [12 0 R]>>",
    },
    b"/Metadata 11 0 R/AF [10 0 R]/Names <</EmbeddedFiles <</Names [(a) 10 0 R]/Kids [10 0 R]>>>>",
)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("key", KEYS)
def test_a_value_of_another_type_wherever_one_stands(key: bytes, value: bytes) -> None:
    """Each key in turn, in each place where it stands, with the offsets made right again by being written through pikepdf."""
    for found in re.finditer(re.escape(key) + rb" (\d+ 0 R|\[[^\[\]]*\]|\([^)]*\)|/\w+|\d+|<<.*>>(?=>>))", DAMAGED):
        width = len(found[1])
        put = value.ljust(width)[: max(width, len(value))]
        if len(put) == width:
            attempt(DAMAGED[: found.start(1)] + put + DAMAGED[found.end(1) :])


def test_the_corpus_cut_short() -> None:
    home = corpora.folder()
    if home is None:
        pytest.skip(corpora.ABSENT)
    for path in sorted((home / "zugferd-pdf").glob("*.pdf")):
        data = path.read_bytes()
        whole = answer(data)
        for part in (0.3, 0.9, 0.99):
            assert answer(data[: int(len(data) * part)]) in (None, whole)


def attempt(data: bytes) -> None:
    """Everything that opens a PDF: nothing but errors of ours."""
    works: list[Callable[[bytes], object]] = [hybrid, files]
    for work in works:
        with suppress(EInvoiceError):
            work(data)
