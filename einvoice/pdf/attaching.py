"""Files hung into a PDF: embedded stream, specification, name tree, association with the document.

Sources: ISO 32000-1, 7.9.6 and 7.11; ISO 19005-3, 6.8 and annex E; Factur-X 1.0, section 6.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import md5
from mimetypes import guess_type
from typing import TYPE_CHECKING, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from einvoice.errors import DocumentError
from einvoice.pdf import attached as carried
from einvoice.pdf.levels import STANDARDS
from einvoice.pdf.opening import Opened

if TYPE_CHECKING:
    from einvoice.model import Invoice

RELATIONSHIPS = ("Supplement", "Data", "Source", "Alternative", "Unspecified")
INVOICES = frozenset(name.lower() for standard in STANDARDS for name in standard.filenames)
"""How files are called that are an invoice or an order: no other may be."""
_UNKNOWN = "application/octet-stream"
_MIME = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]{0,126}/[A-Za-z0-9][\w!#$&^.+-]{0,126}")
_NO_NAME = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]")


class Attached(NamedTuple):
    """A file to hang into the PDF beside the invoice; `mime` such as "text/csv", empty where the file's name says it."""

    filename: str
    data: bytes
    mime: str = ""
    description: str = ""
    relationship: str = "Supplement"


def documents(invoice: Invoice) -> tuple[Attached, ...]:
    """The invoice's own supporting documents (BG-24) that it carries (BT-125), as files for a reader of the PDF.

    They stay in the XML all the same: a program takes them from there.
    """
    made: dict[str, Attached] = {}
    for document in invoice.supporting_documents:
        if (held := document.attachment) and held.content:
            name = _free(_NO_NAME.sub("_", held.filename or document.reference or "attachment"), made)
            made[name.lower()] = Attached(name, held.data, held.mime_code or "", document.description or document.reference or "")
    return tuple(made.values())


def _free(name: str, taken: Iterable[str]) -> str:
    """The name, with a number where it is taken."""
    stem, dot, ending = name.rpartition(".")
    number, free = 1, name
    while free.lower() in {*taken, *INVOICES}:
        number += 1
        free = f"{stem}-{number}.{ending}" if dot else f"{name}-{number}"
    return free


def checked(files: Sequence[Attached]) -> tuple[Attached, ...]:
    """The files with the media type that they have.

    Raises DocumentError where a name, a media type or a relationship cannot be, or a name stands twice.
    """
    seen: set[str] = set()
    return tuple(_checked(file, seen) for file in files)


def _checked(file: Attached, seen: set[str]) -> Attached:
    name = file.filename
    if not name or _NO_NAME.search(name):
        raise DocumentError(f"an attached file cannot be called {name!r}", mend="name it without its folder")
    if name.lower() in INVOICES:
        raise DocumentError(f"{name} is what an invoice in a PDF is called", mend="attach the file under another name")
    if name.lower() in seen:
        raise DocumentError(f"two attached files are called {name}", mend="name each differently")
    if file.relationship not in RELATIONSHIPS:
        raise DocumentError(f"{name}: {file.relationship!r} is no relationship", mend=f"it is one of {', '.join(RELATIONSHIPS)}")
    mime = file.mime or guess_type(name)[0] or _UNKNOWN
    if not _MIME.fullmatch(mime):
        raise DocumentError(f"{name}: {mime!r} is no media type", mend="one is such as text/csv")
    seen.add(name.lower())
    return file._replace(mime=mime)


def attach(found: Opened, files: Sequence[Attached], replaced: Callable[[carried.Attached], bool], day: str) -> None:
    """Hangs the files into the PDF, the invoice first; `day` is when they were changed, as a date of PDF.

    What is there already stays, with what it lacks; what has the name of a new file, or is `replaced`, goes. Where an annotation on a
    page shows such a file it shows the invoice from then on, because taking it away would change the page.
    """
    pdf = found.pdf
    made = [_specification(pdf, file, day) for file in files]
    names = {file.filename.lower() for file in files}
    stays: dict[object, pikepdf.Object | None] = {}
    moved = False
    for each in carried.attached(found):
        gone = each.name.lower() in names or replaced(each)
        stays[_identity(each.specification)] = None if gone else _alone(pdf, _complete(each))
        moved |= gone or not each.specification.is_indirect
    if moved:
        _redirect(pdf, stays, made[0])
    _name(pdf, made, files, stays)
    pdf.Root.AF = pdf.make_indirect(Array([*made, *(each for each in stays.values() if each is not None)]))


def _identity(value: pikepdf.Object) -> object:
    """What tells one object from another, also where it stands within another."""
    return value.objgen if value.is_indirect else value.unparse()


def _alone(pdf: pikepdf.Pdf, specification: pikepdf.Object) -> pikepdf.Object:
    """As an object of its own, so that several places can lead to it."""
    return specification if specification.is_indirect else pdf.make_indirect(specification)


def _specification(pdf: pikepdf.Pdf, file: Attached, day: str) -> pikepdf.Object:
    params = Dictionary(ModDate=String(day), Size=len(file.data), CheckSum=String(md5(file.data, usedforsecurity=False).digest()))
    stream = pdf.make_stream(file.data, Type=Name.EmbeddedFile, Subtype=Name(f"/{file.mime}"), Params=params)
    name = String(file.filename)
    made = Dictionary(Type=Name.Filespec, F=name, UF=name, AFRelationship=Name(f"/{file.relationship}"), EF=Dictionary(F=stream, UF=stream))
    if file.description:
        made.Desc = String(file.description)
    return pdf.make_indirect(made)


def _complete(file: carried.Attached) -> pikepdf.Object:
    """The specification of a file that is there already, with what ISO 19005-3, 6.8 asks of it: names, relationship, media type."""
    stated, name = file.specification, String(file.name or "attachment")
    stated.Type = Name.Filespec
    for key in ("/F", "/UF"):
        if not isinstance(stated.get(key), String):
            stated[key] = name
    if not isinstance(stated.get("/AFRelationship"), Name):
        stated.AFRelationship = Name.Unspecified
    if not file.mime or not _MIME.fullmatch(file.mime):
        file.stream.Subtype = Name(f"/{guess_type(file.name)[0] or _UNKNOWN}")
    return stated


def _name(
    pdf: pikepdf.Pdf, made: Sequence[pikepdf.Object], files: Sequence[Attached], stays: Mapping[object, pikepdf.Object | None]
) -> None:
    """The name tree of embedded files, written anew: in order, of one node."""
    names = pdf.Root.get("/Names")
    if not isinstance(names, Dictionary):
        pdf.Root.Names = names = Dictionary()
    tree = names.get("/EmbeddedFiles")
    there = pikepdf.NameTree(tree).items() if isinstance(tree, Dictionary) else ()
    entries: dict[bytes, tuple[String, pikepdf.Object]] = {}
    for name, each in (*there, *((file.filename, each) for file, each in zip(files, made, strict=True))):
        key = String(name)
        if isinstance(each, Dictionary) and (kept := stays.get(_identity(each), each)) is not None:
            entries[bytes(key)] = (key, kept)
    names.EmbeddedFiles = pdf.make_indirect(Dictionary(Names=Array([part for _, entry in sorted(entries.items()) for part in entry])))


def _redirect(pdf: pikepdf.Pdf, stays: Mapping[object, pikepdf.Object | None], instead: pikepdf.Object) -> None:
    """Pages lead to what stays; an annotation whose file went leads to the invoice."""
    for page in pdf.pages:
        node = page.obj
        if isinstance(listed := node.get("/AF"), Array):
            leads = (stays.get(_identity(each), each) for each in _dictionaries(listed))
            node.AF = Array([each for each in leads if each is not None])
        for note in _dictionaries(node.get("/Annots")):
            if isinstance(file := note.get("/FS"), Dictionary) and _identity(file) in stays:
                note.FS = stays[_identity(file)] or instead


def _dictionaries(value: object) -> list[pikepdf.Object]:
    return [each for each in value if isinstance(each, Dictionary)] if isinstance(value, Array) else []
