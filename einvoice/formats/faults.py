"""What libxml2 finds wrong with a document, in plain words and with a mend."""

from __future__ import annotations

import re
from functools import partial

from lxml import etree

from einvoice.errors import DocumentError, Location, MalformedXML, UnsafeXML

_without_tail = partial(re.sub, r"(?:, line \d+, column \d+)?(?: \([^)]*\))?$", "")

# libxml2's error code -> what it means, what mends it (libxml/xmlerror.h)
_WORDS = {
    4: ("no element begins here", "an XML document begins with `<`"),
    5: ("something follows the end of the document", "a document has one outermost element: remove what follows it, or close it later"),
    6: ("a character reference is not a number", "write it as &#8364; or &#x20AC;"),
    8: ("a character reference names a character that XML does not allow", "remove it"),
    9: ("a character that XML does not allow", "remove control characters; check that the file is in the encoding it declares"),
    26: ("an entity that is not defined", "write the character itself, or its number such as &#160;; a bare & is written &amp;"),
    38: ("`<` within an attribute value", "write it as &lt;"),
    39: ("an attribute value without quotes", 'write name="value"'),
    40: ("an attribute value is not closed", "add the closing quote"),
    41: ("an attribute without a value", 'write name="value"'),
    42: ("an attribute stands twice in one element", "remove one of them"),
    45: ("a comment is not closed", "close it with -->"),
    47: ("a processing instruction is not closed", "close it with ?>"),
    62: ("`]]>` within text", "write it as ]]&gt;"),
    63: ("a CDATA section is not closed", "close it with ]]>; or the file is cut short"),
    64: ("something stands before the XML declaration", "remove what precedes <?xml, also blank lines"),
    65: ("a space is missing", "put one between attributes"),
    68: ("`&` or `<` where no name follows", "write & as &amp; and < as &lt;"),
    73: ("a tag is not closed", "add the missing >; or the file is cut short"),
    76: ("the closing tag does not match the opening one", "close elements in the reverse order of opening them"),
    77: ("the file ends before its elements are closed", "the file is cut short: transfer it again"),
    80: ("`--` within a comment", "write a single dash"),
    81: ("bytes that are not in the encoding of the file", "declare the encoding it is in, or save the file as UTF-8"),
    108: ("an XML version that does not exist", 'write version="1.0"'),
    200: ("a namespace without a name", "give the prefix its namespace"),
    201: ("a prefix that is not declared", "add xmlns:prefix to the outermost element"),
    203: ("an attribute stands twice in one element", "remove one of them"),
}
_UNUSUAL = ("not well-formed", None)
_too_deep = partial(re.search, "(?i)excessive depth")
_too_much = partial(re.search, "(?i)huge|too long|too big|amplification|limit|hit|xml_max")


def from_parser(fault: etree.XMLSyntaxError) -> DocumentError:
    """What the parser could not read, as our error: MalformedXML, or UnsafeXML where a limit was passed."""
    line, column = fault.position or (None, None)
    raw = _without_tail((fault.msg or "")[:400].replace("\n", " ").strip())[:200]
    where = Location(line=line or None)
    if _too_deep(raw):
        return too_deep(line)
    if _too_much(raw):
        return UnsafeXML(f"a name or value is larger than any invoice needs ({raw})", location=where)
    words, mend = _WORDS[81] if "not proper UTF-8" in raw else _WORDS.get(fault.code, _UNUSUAL)
    at = f"column {column}: " if column else ""
    return MalformedXML(f"{at}{words} ({raw})" if raw else f"{at}{words}", location=where, mend=mend)


def too_deep(line: int | None = None) -> UnsafeXML:
    """The error for elements within elements beyond the limit."""
    return UnsafeXML("elements are nested more than 100 deep", location=Location(line=line), mend="an invoice needs about 12 levels")


def from_machinery(fault: Exception) -> UnsafeXML:
    """Whatever else lxml raises: its own limits, memory."""
    text = f"the document asks more than the parser can give ({type(fault).__name__}: {str(fault)[:120]})"
    return UnsafeXML(text, mend="split it, or lower the setting [documents] max_size to refuse such files before they are read")
