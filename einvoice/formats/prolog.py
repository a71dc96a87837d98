"""What stands before the first element: which encoding the bytes are in, and that no DTD is declared.

The encoding is settled here, from byte order mark and XML declaration, and everything but UTF-8 becomes UTF-8 before the
parser sees it; so no encoding can hide a `<!DOCTYPE` from the scan. Source: XML 1.0, section 2.8 and appendix F.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from einvoice.errors import Location, MalformedXML, UnsafeXML

SAVE_AS_UTF8 = "save the file as UTF-8"

_DECLARATION = re.compile(
    rb"<\?xml\s+version\s*=\s*(?:\"[\w.]+\"|'[\w.]+')"
    rb"(?:\s+encoding\s*=\s*(?:\"([\w.:-]+)\"|'([\w.:-]+)'))?"
    rb"(?:\s+standalone\s*=\s*(?:\"\w+\"|'\w+'))?\s*\?>"
)
_DECLARED = rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)[\"']"
_SKIPPED = re.compile(rb"(?:[ \t\r\n]++|<!--[^-]*+(?:-(?!->)[^-]*+)*+-->|<\?[^?]*+(?:\?(?!>)[^?]*+)*+\?>)*+")
_DTD = (b"<!DOCTYPE", b"<!ENTITY", b"<!ELEMENT", b"<!ATTLIST", b"<!NOTATION")

_TAG = re.compile(rb"<[A-Za-z_:\x80-\xff]")
_STRAY = (
    (b"<!--", "a comment before the first element is not closed", "close it with -->"),
    (b"<?", "a processing instruction before the first element is not closed", "close it with ?>"),
    (b"\xef\xbb\xbf", "a second byte order mark", "remove it"),
    (b"", "no element begins here", "an XML document begins with `<` and a name; remove what precedes it"),
)

_MARKS = (  # longest first: the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"+/v", "utf-7"),
)
_SHAPES = (  # the first bytes of `<?xm` or `<name` without a mark
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "ebcdic"),
)
_NARROW = (b"<?x", b"<!-")
_WIDE = tuple(mark for mark, name in _MARKS + _SHAPES if name != "utf-8")
_ACCEPTED = (
    r"(?i)(?P<utf8>utf-?8)|(?P<utf16>utf-?16(?P<order>le|be)?|iso-10646-ucs-2|ucs-2)|(?P<ascii>(?:us-)?ascii)"
    r"|iso[-_]?8859[-_](?P<iso>\d{1,2})(?::\d{4})?|(?P<latin>latin-?1)|(?:windows-|cp)(?P<windows>125\d)"
)


class Prolog(NamedTuple):
    """The document as UTF-8 without byte order mark; `plain` says that its declaration, if any, says UTF-8 too."""

    data: bytes
    encoding: str
    plain: bool


def read(data: bytes) -> Prolog:
    """The bytes as UTF-8, checked to hold no DTD.

    Raises UnsafeXML for a DTD and for encodings other than UTF-8, UTF-16, US-ASCII, ISO-8859-x and windows-125x,
    MalformedXML where the bytes are not in the encoding that they declare.
    """
    prolog = _as_utf8(data)
    _reach_root(prolog.data)
    return prolog


def _as_utf8(data: bytes) -> Prolog:
    marked, skip = _marked(data)
    if marked in ("utf-16-le", "utf-16-be"):
        text = _decoded(data[skip:], marked)
        declared_codec = _declared(text)
        if not skip and not declared_codec:
            raise MalformedXML(f"{marked} without a byte order mark or a declaration", location=Location(line=1), mend=SAVE_AS_UTF8)
        _agree(marked, declared_codec)
        return Prolog(text, marked, plain=False)
    body = data[skip:] if skip else data
    match = _DECLARATION.match(body)
    declared = (match[1] or match[2]) if match else _declared_loosely(body)
    if declared is None:
        return Prolog(body, "utf-8", plain=match is not None or not body.startswith(b"<?xml"))
    codec = _codec(declared.decode("ascii"))
    if marked:
        _agree(marked, codec)
    if codec == "utf-8":
        return Prolog(body, codec, plain=match is not None)
    if codec.startswith("utf-16"):
        raise _disagreement(codec, "its bytes are not")
    return Prolog(_decoded(body, codec), codec, plain=False)


def is_wide(data: bytes) -> bool:
    """Whether the first bytes prove an encoding other than one that extends ASCII; never raises."""
    return data.startswith(_WIDE)


def _marked(data: bytes) -> tuple[str | None, int]:
    """The encoding that the first bytes prove, and how many of them are a byte order mark."""
    if data.startswith(_NARROW):
        return None, 0
    start = data[:4]
    for mark, name in _MARKS:
        if start.startswith(mark):
            return _accepted_mark(name), len(mark)
    for shape, name in _SHAPES:
        if start.startswith(shape):
            return _accepted_mark(name), 0
    return None, 0


def _accepted_mark(name: str) -> str:
    if name in ("utf-8", "utf-16-le", "utf-16-be"):
        return name
    raise _refused(name.upper())


def _declared(text: bytes) -> str | None:
    match = re.match(_DECLARED, text)
    return _codec(match[1].decode("ascii")) if match else None


def _declared_loosely(body: bytes) -> bytes | None:
    """An encoding in a declaration that is not quite right; the parser will say what is wrong with it."""
    match = re.match(_DECLARED, body) if body.startswith(b"<?xml") else None
    return match[1] if match else None


def _codec(name: str) -> str:
    """Python's codec for an encoding that XML names.

    Raises UnsafeXML for one that is not accepted.
    """
    if name in ("UTF-8", "utf-8"):
        return "utf-8"
    match = re.fullmatch(_ACCEPTED, name)
    if not match:
        raise _refused(name)
    if match["utf8"]:
        return "utf-8"
    if match["utf16"]:
        return f"utf-16-{match['order'].lower()}" if match["order"] else "utf-16"
    codec = "ascii" if match["ascii"] else f"cp{match['windows']}" if match["windows"] else f"iso8859-{match['iso'] or 1}"
    try:
        return codecs.lookup(codec).name
    except LookupError:
        raise _refused(name) from None


def _agree(marked: str, declared: str | None) -> None:
    """Raises MalformedXML where the declaration contradicts what the first bytes prove."""
    if declared and declared != marked and not (declared == "utf-16" and marked.startswith("utf-16")):
        raise _disagreement(declared, f"its bytes are {marked}")


def _decoded(data: bytes, codec: str) -> bytes:
    try:
        return data.decode(codec).encode("utf-8")
    except UnicodeDecodeError as fault:
        line = data[: fault.start].decode(codec, "replace").count("\n") + 1
        shown = data[fault.start : fault.end].hex(" ")
        text = f"the file declares {codec}, but the bytes {shown} mean nothing in it"
        raise MalformedXML(text, location=Location(line=line), mend=f"declare the encoding it is in, or {SAVE_AS_UTF8}") from None
    except UnicodeEncodeError:
        raise MalformedXML(f"half of a {codec} surrogate pair is missing", mend=SAVE_AS_UTF8) from None


def _disagreement(declared: str, truth: str) -> MalformedXML:
    text = f"the file declares the encoding {declared}, but {truth}"
    return MalformedXML(text, location=Location(line=1), mend=f"correct the declaration, or {SAVE_AS_UTF8}")


def _refused(name: str) -> UnsafeXML:
    text = f"the encoding {name[:40]} is not accepted"
    return UnsafeXML(text, location=Location(line=1), mend=f"{SAVE_AS_UTF8} (UTF-16, US-ASCII, ISO-8859-x and windows-125x are read too)")


def _reach_root(data: bytes) -> None:
    """Passes only where nothing but white space, comments and instructions stands before the first element's tag.

    Whatever else a parser might skip (a second byte order mark, say) could hide a DTD from this scan.
    Raises UnsafeXML for a DTD or a part of one, MalformedXML for the rest.
    """
    skipped = _SKIPPED.match(data)
    start = skipped.end() if skipped else 0
    if _TAG.match(data, start):
        return
    line = data.count(b"\n", 0, start) + 1
    if data[start : start + 10].upper().startswith(_DTD):
        raise dtd(line)
    text, mend = next((fault for mark, *fault in _STRAY if data.startswith(mark, start)), _STRAY[-1][1:])
    raise MalformedXML(text, location=Location(line=line), mend=mend)


def dtd(line: int | None = None) -> UnsafeXML:
    """The error for a document with a DTD."""
    text = "the document declares a DTD (<!DOCTYPE), which can make a reader open files or fill its memory"
    return UnsafeXML(text, location=Location(line=line), mend="remove the <!DOCTYPE …> declaration; no invoice needs one")
