"""The file: header, trailer, end, how objects and streams are written (ISO 19005-3, 6.1)."""

from __future__ import annotations

import re

from einvoice.pdf.conditions.condition import condition
from einvoice.pdf.conditions.parts import Filter, Thing
from einvoice.pdf.conditions.seen.objects import Held
from einvoice.pdf.conditions.seen.syntax import End, Header, Table, Written, WrittenStream
from einvoice.pdf.conditions.seen.text import Hexadecimal, Raw

_VERSION = re.compile(rb"%PDF-1\.[0-7]")
_HEX = re.compile(rb"[0-9A-Fa-f]*")
_FILTERS = frozenset(
    "ASCIIHexDecode ASCII85Decode FlateDecode RunLengthDecode CCITTFaxDecode JBIG2Decode DCTDecode JPXDecode AHx A85 Fl RL CCF DCT".split()
)


@condition("PDFA-6.1.2-1", "header")
def header_is_the_first_line(header: Header) -> object:
    """Let the file begin with %PDF-1.4 to %PDF-1.7 and an end of line: nothing before it, nothing else on that line."""
    return header.offset == 0 and _VERSION.fullmatch(header.line)


@condition("PDFA-6.1.2-2", "header")
def second_line_marks_binary(header: Header) -> object:
    """Write a comment as the second line: % and at least four bytes above 127, so that nobody takes the file for text."""
    return header.comment[:1] == b"%" and len(header.comment) > 4 and min(header.comment[1:5]) > 127


@condition("PDFA-6.1.3-1", "trailer")
def trailer_has_an_identifier(trailer: Thing) -> object:
    """Write a file identifier: the key ID of the trailer with two byte strings."""
    return any(len(bytes(each)) for each in trailer.dictionary.get("/ID", ()))


@condition("PDFA-6.1.3-2", "trailer")
def file_is_not_encrypted(trailer: Thing) -> object:
    """Save the PDF without encryption and without permissions: the trailer has the key Encrypt."""
    return "/Encrypt" not in trailer.dictionary


@condition("PDFA-6.1.3-3", "end")
def nothing_follows_the_end(end: End) -> object:
    """Cut off what stands after the last %%EOF; one end of line may stay."""
    return end.rest == 0


@condition("PDFA-6.1.4-2", "tables")
def cross_reference_table_begins_on_its_own_line(table: Table) -> object:
    """Write one end of line, and nothing else, between the keyword xref and the first number."""
    return table.gap in {b"\n", b"\r", b"\r\n"}


@condition("PDFA-6.1.6-1", "hexadecimal")
def hexadecimal_string_has_pairs_of_digits(string: Hexadecimal) -> object:
    """Write the missing digit: a hexadecimal string has an even number of them."""
    return len(string.digits) % 2 == 0


@condition("PDFA-6.1.6-2", "hexadecimal")
def hexadecimal_string_has_digits_only(string: Hexadecimal) -> object:
    """Write nothing but 0 to 9, A to F and white space into hexadecimal strings."""
    return _HEX.fullmatch(string.digits)


@condition("PDFA-6.1.7.1-1", "written_streams")
def stream_is_as_long_as_it_says(stream: WrittenStream) -> object:
    """Set Length to the number of bytes between the keywords stream and endstream, ends of line left out."""
    return stream.stated == stream.counted


@condition("PDFA-6.1.7.1-2", "written_streams")
def stream_keywords_stand_on_lines_of_their_own(stream: WrittenStream) -> object:
    """Write a line feed after the keyword stream, and an end of line before endstream."""
    return stream.begins_well and stream.ends_well


@condition("PDFA-6.1.7.1-3", "streams")
def stream_is_in_the_file(stream: Held) -> object:
    """Put the stream's bytes into the PDF and remove F, FFilter and FDecodeParms: it points to another file."""
    return not any(key in stream.object for key in ("/F", "/FFilter", "/FDecodeParms"))


@condition("PDFA-6.1.7.2-1", "filters")
def filter_is_allowed(filter: Filter) -> object:  # noqa: A002 - the word of the norm
    """Pack the stream by FlateDecode: LZW, encryption by Crypt, and filters that the standard does not list are forbidden."""
    return filter.name in _FILTERS or (filter.name == "Crypt" and filter.crypt in {None, "Identity"})


@condition("PDFA-6.1.8-1", "names")
def names_are_utf_8(name: Raw) -> object:
    """Spell the name of the font, of the ink or of the structure type in UTF-8."""
    try:
        name.bytes.decode()
    except UnicodeDecodeError:
        return False
    return True


@condition("PDFA-6.1.9-1", "written")
def objects_are_spaced(written: Written) -> object:
    """Write single spaces within `1 0 obj`, and an end of line before and after `1 0 obj` and `endobj`."""
    return written.spaced
