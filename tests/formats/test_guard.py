"""The guard: what must not be read raises a named error in bounded time and memory; what may is read as it stands."""

from __future__ import annotations

import io
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from einvoice.errors import DocumentError, MalformedXML, UnknownFormat, Unreadable, UnsafeXML
from einvoice.formats.guard import parse
from einvoice.formats.syntax import Document, full
from tests.formats.bounded import run_bounded
from tests.formats.unsafe import BODY, CASES, CII, TEXT, UBL, Case, declared, nested, sbdh

SELLER = full("cac:AccountingSupplierParty")
SUPPLIER_LINE = next(number for number, line in enumerate(TEXT.splitlines(), 1) if "<cac:AccountingSupplierParty>" in line)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_fault_has_a_name_a_place_and_its_facts(case: Case) -> None:
    started = time.perf_counter()
    with pytest.raises(DocumentError) as caught:
        parse(case.data, name="in.xml")
    fault = caught.value
    assert type(fault) is case.error
    assert fault.source == "in.xml"
    assert case.line is None or (fault.location and fault.location.line == case.line)
    assert [fact for fact in case.facts if fact not in str(fault)] == []
    assert len(str(fault)) < 1_000
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("case", [case for case in CASES if case.error in (UnsafeXML, UnknownFormat)], ids=lambda case: case.name)
def test_unsafe_and_unknown_input_comes_with_a_mend(case: Case) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(case.data)
    assert caught.value.mend


def test_a_hundred_levels_are_not_too_deep() -> None:
    with pytest.raises(UnknownFormat):
        parse(nested(100))


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (UBL, "utf-8"),
        (b"\xef\xbb\xbf" + UBL, "utf-8"),
        (BODY.encode(), "utf-8"),
        (declared("utf8", "utf-8"), "utf-8"),
        (declared("UTF-16", "utf-16"), "utf-16-le"),
        (declared("UTF-16", "utf-16-le"), "utf-16-le"),
        (declared("UTF-16BE", "utf-16-be"), "utf-16-be"),
        (b"\xfe\xff" + declared("UTF-16", "utf-16-be"), "utf-16-be"),
        (declared("ISO-8859-1", "iso8859-1"), "iso8859-1"),
        (declared("iso-8859-15", "iso8859-15"), "iso8859-15"),
        (declared("Windows-1252", "cp1252"), "cp1252"),
        (declared("US-ASCII", "utf-8").replace("é".encode(), b"&#233;").replace("É".encode(), b"&#201;"), "ascii"),
    ],
)
def test_an_accepted_encoding_gives_the_same_invoice(data: bytes, encoding: str) -> None:
    parsed = parse(data)
    expected = parse(UBL).root
    assert parsed.encoding == encoding
    assert etree.tostring(parsed.root, method="c14n") == etree.tostring(expected, method="c14n")
    assert parsed.root.find(SELLER).sourceline == expected.find(SELLER).sourceline - (1 if data == BODY.encode() else 0)


def test_parsed_names_document_and_source(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(CII)
    parsed = parse(path)
    assert (parsed.document, parsed.wrapped, parsed.source) == (Document.CII, None, str(path))
    assert parse(io.BytesIO(UBL)).document is Document.UBL_INVOICE
    with path.open("rb") as stream:
        assert parse(stream).source == str(path)


def test_comments_instructions_and_cdata_stay() -> None:
    root = parse(UBL.replace(b"PO-7", b"<!--a-->PO<?b c?>-7")).root
    reference = root.find(full("cbc:BuyerReference"))
    assert [type(child).__name__ for child in reference] == ["_Comment", "_ProcessingInstruction"]
    assert b"<![CDATA[Bread & roses]]>" in etree.tostring(root)


def test_unusual_prefixes_are_fine() -> None:
    odd = TEXT.replace("xmlns=", "xmlns:q=").replace("<Invoice", "<q:Invoice").replace("</Invoice", "</q:Invoice")
    assert parse(odd.replace("cbc:", "_x-1.é:").replace(":cbc=", ":_x-1.é=").encode()).document is Document.UBL_INVOICE


def test_xinclude_is_left_alone() -> None:
    include = b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    root = parse(UBL.replace(b"PO-7", include)).root
    assert b"xi:include" in etree.tostring(root)
    assert b"root:" not in etree.tostring(root)


def test_an_envelope_is_opened() -> None:
    parsed = parse(sbdh(BODY.partition("-->")[2].strip()))
    assert (parsed.document, parsed.wrapped) == (Document.UBL_INVOICE, "sbdh")
    assert parsed.root.getparent() is None
    assert parsed.root.tail is None
    assert parsed.root.xpath("/*") == [parsed.root]
    assert parsed.root[0].getparent() is parsed.root
    # its first line is line 4 of the envelope and line 3 of the file it came from
    assert parsed.root.find(SELLER).sourceline == SUPPLIER_LINE + 1


def test_prefixes_declared_on_an_envelope_stay_in_scope() -> None:
    bare = BODY.partition("-->")[2].strip()
    for prefix in ("cac", "cbc"):
        start = bare.index(f"xmlns:{prefix}=")
        bare = bare[:start] + bare[bare.index('"', bare.index('"', start) + 1) + 1 :]
    outer = "".join(f' xmlns:{prefix}="{full(prefix + ":x")[1:-2]}"' for prefix in ("cac", "cbc"))
    root = parse(sbdh(bare).replace(b"<StandardBusinessDocument ", f"<StandardBusinessDocument{outer} ".encode(), 1)).root
    assert root.find(SELLER).prefix == "cac"
    assert parse(etree.tostring(root)).document is Document.UBL_INVOICE


def test_an_exchange_header_envelope_is_opened_too() -> None:
    space = "http://docs.oasis-open.org/bdxr/ns/XHE/1/"
    inside = f"<a:Payloads><a:Payload><a:PayloadContent>{BODY.partition('-->')[2]}</a:PayloadContent></a:Payload></a:Payloads>"
    text = f'<XHE xmlns="{space}ExchangeHeaderEnvelope" xmlns:a="{space}AggregateComponents">{inside}</XHE>'
    assert parse(text.encode()).wrapped == "xhe"


class Endless(io.RawIOBase):
    """A stream that never ends and counts what is taken from it."""

    def __init__(self, start: bytes) -> None:
        self.left, self.taken = start, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = (self.left or b"<cbc:Note>spam</cbc:Note>")[: min(len(buffer), 700)]
        self.left = self.left[len(part) :]
        buffer[: len(part)] = part
        self.taken += len(part)
        return len(part)


def test_a_stream_that_never_ends_is_cut_at_the_limit() -> None:
    stream = Endless(UBL)
    with pytest.raises(UnsafeXML, match="max_size"):
        parse(stream, max_size=100_000)  # type: ignore[arg-type]
    assert stream.taken == 100_001


def test_the_limit_is_the_largest_size_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(UBL)
    for source in (UBL, path, io.BytesIO(UBL)):
        with pytest.raises(UnsafeXML, match="max_size"):
            parse(source, max_size=len(UBL) - 1)
    assert parse(UBL, max_size=len(UBL)).document is Document.UBL_INVOICE


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero")
def test_a_device_that_never_ends_is_cut_too() -> None:
    with pytest.raises(UnsafeXML):
        parse(Path("/dev/zero"), max_size=10_000_000)


@pytest.mark.parametrize("name", ["absent.xml", ".", "a\0b.xml"])
def test_what_cannot_be_opened_is_unreadable(name: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        parse(tmp_path / name)


def test_a_stream_that_breaks_off_is_unreadable() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("connection reset")

    with pytest.raises(Unreadable, match="connection reset"):
        parse(Broken(), name="upload")


def test_wrong_arguments_are_a_type_error() -> None:
    for wrong in (TEXT, None, io.StringIO(TEXT)):
        with pytest.raises(TypeError):
            parse(wrong)  # type: ignore[arg-type]


def test_text_over_ten_megabytes_is_read() -> None:
    large = UBL.replace(b"ZGF5LGhvdXJzCg==", b"QUJD" * 3_000_000)
    root = parse(large).root
    assert max(len(element.text or "") for element in root.iter(full("cbc:EmbeddedDocumentBinaryObject"))) == 12_000_000


def test_threads_parse_side_by_side() -> None:
    faults: list[BaseException] = []

    def work(data: bytes) -> None:
        try:
            for _ in range(50):
                assert parse(data).root.find(full("cbc:ID")) is not None
                with pytest.raises(MalformedXML):
                    parse(data[:-3])
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(UBL.replace(b"2026-0042", b"%d" % number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory and stack as on Linux")
def test_bombs_stay_within_memory_stack_and_time() -> None:
    result, seconds = run_bounded()
    assert result.returncode == 0, result.stderr[-2_000:]
    assert seconds < 60


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a document made us open a connection")

    monkeypatch.setattr(socket.socket, "connect", refused)
    for case in CASES:
        with pytest.raises(DocumentError):
            parse(case.data)


def test_every_published_invoice_passes(corpora: Path) -> None:
    counted: dict[str, int] = {}
    for path in sorted(corpora.rglob("*.xml"))[::20]:
        try:
            parse(path)
            counted["read"] = counted.get("read", 0) + 1
        except DocumentError as fault:
            counted[type(fault).__name__] = counted.get(type(fault).__name__, 0) + 1
    assert counted["read"] > 300
    assert sum(counted.values()) - counted["read"] < 10
