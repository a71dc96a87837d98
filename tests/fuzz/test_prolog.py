"""No arrangement of marks, declarations, comments and encodings hides a DTD from the scan before the parse."""

from __future__ import annotations

from random import Random

from lxml import etree

from einvoice.errors import DocumentError
from einvoice.formats import prolog

PIECES = (
    *(
        '<?xml version="1.0" encoding="{}"?>',
        '<?xml version="1.0"?>',
        " ",
        "\n",
        "\t",
        "<!-- x -->",
        "<!---->",
        "<!-- <!DOCTYPE -->",
        "<?p q?>",
        "<?p?>",
    ),
    *(
        "<?p ? > ?>",
        "<!DOCTYPE a>",
        '<!DOCTYPE a [<!ENTITY b "c">]>',
        '<!DOCTYPE a SYSTEM "x">',
        "<!doctype a>",
        "<a>",
        "<a/>",
        "<!-- - -> -->",
    ),
    *("<![CDATA[", "é", "<!-- é -->", "\ufeff", "<", "!", "DOCTYPE a>", "<!--", "-->", "?>", "<?", "\0"),
)
ENDS = ("<a/>", "<a>x</a>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
CODECS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "latin-1",
    "cp1252",
    "utf-7",
    "cp500",
    "utf-32",
    "shift_jis",
    "gb18030",
    "hz",
)
NAMES = (
    "UTF-8",
    "UTF-16",
    "UTF-16LE",
    "ISO-8859-1",
    "windows-1252",
    "UTF-7",
    "IBM500",
    "UTF-32",
    "US-ASCII",
    "GB18030",
    "HZ-GB-2312",
    "latin1",
    "x",
)


def _document(random: Random) -> bytes:
    pieces = [random.choice(PIECES) for _ in range(random.randrange(1, 7))]
    text = "".join([PIECES[0] if random.random() < 0.6 else "", *pieces, random.choice(ENDS)])
    return text.replace("{}", random.choice(NAMES)).encode(random.choice(CODECS), "replace")


def _has_dtd(data: bytes, encoding: str | None = None) -> bool:
    """Whether lxml, by itself, finds a DTD."""
    try:
        root = etree.fromstring(data, etree.XMLParser(encoding=encoding, resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return False
    return root.getroottree().docinfo.internalDTD is not None


def test_no_dtd_passes() -> None:
    random, passed = Random(1), 0
    for _ in range(20_000):
        data = _document(random)
        try:
            text = prolog.read(data)
        except DocumentError:
            continue
        passed += 1
        assert not _has_dtd(data), data
        assert not _has_dtd(text.data, None if text.plain else "utf-8"), data
    assert passed > 500
