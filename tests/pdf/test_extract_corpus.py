"""Every published hybrid gives the bytes that other programs find in it, or the error that is right.

What a file is, is found out by pikepdf's own view of attachments and by plain text in its metadata; the XML beside the PDFs was taken
out by others.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pikepdf
import pytest

import einvoice
from einvoice.errors import DocumentError, NoInvoice
from einvoice.pdf.extract import extract, hybrid
from tests import corpora

HOME = corpora.folder()
FILES = sorted((HOME / "zugferd-pdf").glob("*.pdf")) if HOME else []
OUTSIDE = sorted((HOME / "zugferd-pdfxml").glob("*.xml")) if HOME else []
NAMES = {"factur-x.xml": 22, "ZUGFeRD-invoice.xml": 11, "zugferd-invoice.xml": 9}
"""How many of the 42 files carry which; one carries two, and one none."""
ROOTS = {
    "ZUGFeRD-invoice.xml": b"CrossIndustryDocument",
    "zugferd-invoice.xml": b"CrossIndustryInvoice",
    "factur-x.xml": b"CrossIndustryInvoice",
}

pytestmark = pytest.mark.skipif(not FILES, reason=corpora.ABSENT)


def carried(path: Path) -> dict[str, bytes]:
    """The attached files by pikepdf's own means."""
    with pikepdf.open(path) as pdf:
        return {name: file.get_file().read_bytes() for name, file in pdf.attachments.items()}


def claimed(path: Path) -> dict[str, str]:
    """What the metadata say, read as text."""
    with pikepdf.open(path) as pdf:
        text = pdf.Root.Metadata.read_bytes().decode()
    found = re.findall(r":(DocumentFileName|ConformanceLevel)(?:>|=[\"'])\s*([^<\"']*?)\s*[<\"']", text)
    return {key: value for key, value in reversed(found) if value != "Text" and "additional" not in value}


def test_the_files_are_those_that_the_table_tells_of() -> None:
    found = Counter(name for path in FILES for name in carried(path) if name in NAMES)
    assert len(FILES) == 42
    assert found == NAMES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem[-40:])
def test_it_gives_what_hangs_there_under_its_name(path: Path) -> None:
    candidates = {name: data for name, data in carried(path).items() if name in NAMES}
    if not candidates:
        with pytest.raises(NoInvoice) as refused:
            extract(path)
        assert refused.value.attachments == ()
        return
    said = claimed(path)
    name = next(iter(candidates)) if len(candidates) == 1 else said["DocumentFileName"]
    found = hybrid(path)
    assert (found.filename, found.data, found.level) == (name, candidates[name], said["ConformanceLevel"])
    assert b":" + ROOTS[name] in found.data


def test_it_gives_what_others_took_out() -> None:
    taken = {outside.name: outside.read_bytes() for outside in OUTSIDE}
    compared = 0
    for path in FILES:
        for name, data in taken.items():
            if name.startswith(f"{path.stem}__"):
                assert extract(path) == data
                compared += 1
    assert compared == 16


def test_the_one_with_two_invoices_gives_the_one_that_its_metadata_name() -> None:
    (path,) = (path for path in FILES if path.stem.endswith("ZUGFeRD1and2"))
    found = hybrid(path)
    assert (found.filename, found.attachments, found.level) == ("factur-x.xml", ("ZUGFeRD-invoice.xml",), "EXTENDED")


def test_reading_them_ends_as_it_should() -> None:
    ended = {path.stem: end for path in FILES if (end := how_reading_ends(path))}
    assert {end for stem, end in ended.items() if stem.startswith("ZUGFeRDv1")} == {"UnknownFormat: ZUGFeRD 1.0"}
    others = {stem: end for stem, end in ended.items() if not stem.startswith("ZUGFeRDv1")}
    assert others == {
        "ZUGFeRDv2_fail_Mustangproject_factur-x-invalid-xml-encoding-attribute": "MalformedXML",
        "unstructured_RE-E-974-Hetzner_2016-01-19_R0005532486": "NoInvoice",
    }
    assert len(ended) == 12


def how_reading_ends(path: Path) -> str | None:
    """The error, with the format that it names; None where there is none."""
    try:
        einvoice.read(path)
    except DocumentError as refused:
        named = re.search("ZUGFeRD 1.0", refused.message)
        return type(refused).__name__ + (f": {named[0]}" if named else "")
    return None
