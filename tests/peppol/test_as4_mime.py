"""MIME read from streams: the same parts however the bytes come, the same refusal, too; transfer encodings held against the library's."""

from __future__ import annotations

import base64
import gzip
import quopri
import zlib
from collections.abc import Iterator
from io import BytesIO
from types import ModuleType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from einvoice_peppol.as4 import ebms, mime, unpacking
from einvoice_peppol.as4.transfer import DECODERS
from einvoice_peppol.as4.unpacking import Unpacked

KIND = "multipart/related; boundary=bound"
PIECES = st.lists(st.integers(1, 40), min_size=1, max_size=5)


class Dripping(BytesIO):
    """Gives so many bytes at a time, in turns."""

    def __init__(self, data: bytes, steps: list[int]) -> None:
        super().__init__(data)
        self._steps = steps

    def read(self, size: int | None = -1, /) -> bytes:
        step = self._steps[0]
        self._steps = [*self._steps[1:], step]
        return super().read(step if size is None or size < 0 else min(size, step))


def parts(data: bytes, steps: list[int] | None = None) -> list[tuple[str, str, bytes]] | str:
    """The parts, or the code of the refusal."""
    stream = Dripping(data, steps) if steps else BytesIO(data)
    try:
        return [(part.type.name, part.content_id, b"".join(part.chunks)) for part in mime.related(KIND, stream)]
    except ebms.Refused as refused:
        return refused.error.code


CONTENT = st.lists(st.sampled_from([b"--bound", b"\r\n", b"\r\n--boun", b"--", b"d", b"\n", b"\r", b"x" * 30, b"\0\xff"]), max_size=8).map(
    b"".join
)


@settings(max_examples=150, deadline=None)
@given(st.lists(CONTENT.filter(lambda data: b"\r\n--bound" not in b"\r\n" + data), min_size=1, max_size=3), PIECES, st.booleans())
@example([b""], [1], False)
def test_what_was_put_in_comes_out_in_whatever_pieces_it_comes(contents: list[bytes], steps: list[int], preamble: bool) -> None:
    whole = b"preamble\r\n" if preamble else b""
    for number, content in enumerate(contents):
        whole += b"--bound\r\nContent-Type: a/b\r\nContent-ID: <%d>\r\n\r\n%b\r\n" % (number, content)
    whole += b"--bound--"
    assert parts(whole, steps) == [("a/b", str(number), content) for number, content in enumerate(contents)]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"--bound", b"--bound--", b"\r\n", b"\r\n\r\n", b"A: b", b"Content-ID: <c>", b"x", b" ", b"-", b"\n"]), max_size=14
    ),
    PIECES,
)
def test_pieces_never_change_what_is_read_or_refused(tokens: list[bytes], steps: list[int]) -> None:
    whole = b"".join(tokens)
    assert parts(whole, steps) == parts(whole)


def decoded(encoding: str, data: bytes, steps: list[int]) -> bytes | None:
    """What a decoder makes of pieces, None where it refuses them."""
    stream = Dripping(data, steps)
    pieces: Iterator[bytes] = iter(lambda: stream.read(1 << 20), b"")
    try:
        return b"".join(DECODERS[encoding](pieces))
    except ebms.Refused:
        return None


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), PIECES)
def test_encodings_are_decoded_as_the_library_encodes(data: bytes, steps: list[int]) -> None:
    assert decoded("binary", data, steps) == data
    assert decoded("base64", base64.b64encode(data), steps) == data
    assert decoded("base64", base64.encodebytes(data).replace(b"\n", b"\r\n"), steps) == data
    quoted = b"".join(b"=%02x" % byte + (b"=\r\n" if at % 24 == 23 else b"") for at, byte in enumerate(data))
    assert decoded("quoted-printable", quoted, steps) == data


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("ab =\u00e9"), max_size=200), PIECES)
def test_quoted_lines_are_decoded_as_the_library_quotes_them(text: str, steps: list[int]) -> None:
    lines = [line.rstrip(" ") + "x" for line in text.split("b")]
    quoted = quopri.encodestring("\n".join(lines).encode()).replace(b"\n", b"\r\n")
    assert decoded("quoted-printable", quoted, steps) == "\r\n".join(lines).encode()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([b"QUJD", b"=", b"A", b"\r\n", b"QQ==", b"!", b"=4", b"1", b" ", b"=\r\n"]), max_size=12).map(b"".join), PIECES
)
def test_pieces_never_change_what_is_decoded(data: bytes, steps: list[int]) -> None:
    for encoding in DECODERS:
        assert decoded(encoding, data, steps) == decoded(encoding, data, [1 << 20])


@pytest.mark.parametrize("module", [unpacking._gzip, zlib], ids=["as installed", "standard library"])
def test_gzip_is_unpacked_by_either_library(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_gzip", module)
    for data in (b"", b"x" * 3_000_000, bytes(range(256)) * 4_000):
        into = BytesIO()
        source = Unpacked(BytesIO(gzip.compress(data)), len(data), into)
        first = source.read(1_000)
        source.finish()
        assert (first, into.getvalue(), source.read()) == (data[:1_000], data, b"")
    packed = gzip.compress(b"abc" * 1_000)
    for wrong in (
        packed[:-1],
        packed + b"x",
        packed * 2,
        b"",
        b"hello",
        packed[:-5] + b"\0" + packed[-4:],
        packed[:20] + b"\xff" + packed[21:],
    ):
        with pytest.raises(ebms.Refused) as caught:
            Unpacked(BytesIO(wrong), 10_000, BytesIO()).finish()
        assert caught.value.error == ebms.DECOMPRESSION_FAILURE
    with pytest.raises(ebms.Refused):
        Unpacked(BytesIO(packed), 2_999, BytesIO()).finish()


@pytest.mark.parametrize(
    ("text", "name", "parameters"),
    [
        ("application/soap+xml", "application/soap+xml", {}),
        (' Text/XML ; Charset="utf-8";', "text/xml", {"charset": "utf-8"}),
        ('a/b; c="d\\"e;f" ;g=h', "a/b", {"c": 'd"e;f', "g": "h"}),
        ("a/b;boundary=----=_Part_3_20.157;x=<y@z>", "a/b", {"boundary": "----=_Part_3_20.157", "x": "<y@z>"}),
    ],
)
def test_media_types(text: str, name: str, parameters: dict[str, str]) -> None:
    assert mime.media_type(text) == (name, parameters)


@pytest.mark.parametrize(
    "text", ["", "text", "/", "a/b c", "a/b; c", "a/b; c=", 'a/b; c="', 'a/b; c="\r\n"', "a/b; c=d; C=e", "a/b" + ";" * 20_000]
)
def test_no_media_types(text: str) -> None:
    with pytest.raises(ebms.Refused):
        mime.media_type(text)
