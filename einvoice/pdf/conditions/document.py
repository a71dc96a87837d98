"""What conditions look at: one PDF, and its parts by subject, each collected when a condition first asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import pikepdf

from einvoice.pdf.conditions.parts import Blending, Box, Device, Filter, Profiled, Reference, Thing
from einvoice.pdf.conditions.seen import (
    colours,
    files,
    fonts,
    glyphs,
    halftones,
    hybrid,
    interaction,
    jpx,
    objects,
    optional,
    pages,
    syntax,
    text,
    xmp,
    xmp_types,
)
from einvoice.pdf.conditions.seen.colours import Separation
from einvoice.pdf.conditions.seen.files import Embedded, Specification
from einvoice.pdf.conditions.seen.fonts import Face
from einvoice.pdf.conditions.seen.glyphs import Glyph
from einvoice.pdf.conditions.seen.hybrid import Claim, Invoice
from einvoice.pdf.conditions.seen.intents import Intent, intents
from einvoice.pdf.conditions.seen.interaction import Action, Annotation, Field
from einvoice.pdf.conditions.seen.objects import Held, Large
from einvoice.pdf.conditions.seen.pages import Page
from einvoice.pdf.conditions.seen.painted import Coloured, Content, Image, Inline, Named, Painted, Part
from einvoice.pdf.conditions.seen.painting import Painter
from einvoice.pdf.conditions.seen.profiles import profile
from einvoice.pdf.conditions.seen.streams import Streams, filters
from einvoice.pdf.conditions.seen.values import Object, array, at, dictionaries, dictionary, identity, name, number, stream
from einvoice.pdf.conditions.seen.xmp import Packet
from einvoice.pdf.conditions.seen.xmp_types import Described, Property, Schema

MOST_UNPACKED = 100_000_000


class Document:
    """One PDF that conditions are held against.

    `data` are its bytes, where the conditions of its syntax shall be looked at; `limit` is the most its streams may unpack to.
    """

    def __init__(self, pdf: pikepdf.Pdf, data: bytes | None = None, limit: int = MOST_UNPACKED) -> None:
        self.pdf, self.data, self.root = pdf, data, pdf.Root
        self.unpacked = Streams(limit)
        self.place = "document"

    @property
    def itself(self) -> tuple[Document]:
        """What is asked of the whole document."""
        return (self,)

    # the file as it stands

    @cached_property
    def header(self) -> tuple[syntax.Header, ...]:
        """The first lines."""
        return () if self.data is None else (syntax.header(self.data),)

    @cached_property
    def end(self) -> tuple[syntax.End, ...]:
        """What stands at the end."""
        return () if self.data is None else (syntax.end(self.data),)

    @cached_property
    def tables(self) -> tuple[syntax.Table, ...]:
        """The cross-reference tables."""
        return () if self.data is None else syntax.tables(self.data)

    @cached_property
    def written(self) -> tuple[syntax.Written, ...]:
        """The indirect objects as they are written."""
        return () if self.data is None else syntax.written(self.pdf, self.data, {each.object.objgen for each in self.held})

    @cached_property
    def written_streams(self) -> tuple[syntax.WrittenStream, ...]:
        """The streams as they are written."""
        return tuple(each.stream for each in self.written if each.stream is not None)

    @cached_property
    def hexadecimal(self) -> tuple[text.Hexadecimal, ...]:
        """The hexadecimal strings that are not written well."""
        texts = [(each.text, each.place) for each in self.written]
        texts += [(each.hexadecimal, each.place) for each in self.contents]
        if self.data is not None:
            texts += [(self.unpacked.read(each.object) or b"", each.place) for each in self.streams if _is(each, "ObjStm")]
        return tuple(found for data, place in texts for found in text.hexadecimal(data, place))

    # objects

    @cached_property
    def trailer(self) -> tuple[Thing]:
        """The trailer."""
        return (Thing(self.pdf.trailer, "trailer"),)

    @cached_property
    def catalog(self) -> tuple[Thing]:
        """The catalog."""
        return (Thing(self.root, "document catalog"),)

    @cached_property
    def held(self) -> tuple[Held, ...]:
        """Every indirect object."""
        return tuple(objects.held(self.pdf))

    @cached_property
    def streams(self) -> tuple[Held, ...]:
        """Those that are streams."""
        return tuple(each for each in self.held if isinstance(each.object, pikepdf.Stream))

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """The filters of every stream."""
        return tuple(Filter(each, _crypt(held.object), held.place) for held in self.streams for each in filters(held.object))

    @cached_property
    def values(self) -> tuple[Large, ...]:
        """The numbers, strings and names that may be too large."""
        looked_at: list[Held | Content] = [*objects.signed(self.held)]
        looked_at += [each for each in self.contents if objects.has_sign(each.text, each.longest)]
        return tuple(found for each in looked_at for found in objects.large(each.text, each.place))

    @cached_property
    def names(self) -> tuple[text.Raw, ...]:
        """The names of fonts, colorants and structure types that are not plain ASCII."""
        if not text.is_escaped(b"\n".join(each.text for each in self.held)):
            return ()
        return tuple(text.names(self.root, self.pages, self.painted))

    # pages and what they paint

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """The pages."""
        return tuple(pages.pages(self.root))

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """The boundaries of the pages."""
        stated = ((page, key, value) for page in self.pages for key, value in page.boxes.items() if isinstance(value, pikepdf.Array))
        return tuple(_box(value, f"{page.place}, {key[1:]}") for page, key, value in stated)

    @cached_property
    def _painting(self) -> tuple[Painted, tuple[Blending, ...]]:
        painter = Painter(self.unpacked)
        blended = []
        for page in self.pages:
            group = dictionary(page.dictionary.get("/Group"))
            if group is not None:
                painter.painted.colour(colours.space(group.get("/CS"), page.resources), page.place)
            transparent = painter.page(page.content(self.unpacked), page.resources, page.place)
            for note in interaction.annotated(page):
                for form in note.appearances():
                    transparent |= painter.form(form, page.resources, None, note.place)
            blended.append(Blending(transparent, at(group, "/CS") is not None or self.output is not None, page.place))
        return painter.painted, tuple(blended)

    @property
    def painted(self) -> Painted:
        """What the pages paint with."""
        return self._painting[0]

    @property
    def blending(self) -> tuple[Blending, ...]:
        """The pages, and how they blend."""
        return self._painting[1]

    @property
    def contents(self) -> list[Content]:
        """The content streams."""
        return self.painted.contents

    @property
    def states(self) -> list[Part]:
        """The graphics state parameter dictionaries in use."""
        return list(self.painted.states.values())

    @cached_property
    def halftones(self) -> tuple[halftones.Halftone, ...]:
        """The halftones of graphics states."""
        return tuple(found for state in self.states for found in halftones.halftones(state))

    @property
    def images(self) -> list[Image]:
        """The images in use, with their masks, and those in content streams."""
        return [*self.painted.images.values(), *(Image(each.entries, each.place, "inline") for each in self.painted.inline)]

    @property
    def inline(self) -> list[Inline]:
        """The images in content streams."""
        return self.painted.inline

    @property
    def scripts(self) -> list[Part]:
        """The PostScript XObjects in use."""
        return list(self.painted.scripts.values())

    @cached_property
    def rendering_intents(self) -> tuple[Named, ...]:
        """The rendering intents in use."""
        stated = [(name(each.dictionary.get("/RI")), each.place) for each in self.states]
        return (*self.painted.intents, *(Named(found, place) for found, place in stated if found is not None))

    @cached_property
    def jpx(self) -> tuple[jpx.JPX, ...]:
        """The images in use that are JPEG 2000."""
        return tuple(jpx.read(each) for each in self.painted.images.values() if filters(each.dictionary)[-1:] == ["JPXDecode"])

    @property
    def forms(self) -> list[Part]:
        """The form XObjects in use."""
        return list(self.painted.forms.values())

    @property
    def colours(self) -> list[Coloured]:
        """The colour spaces in use."""
        return list(self.painted.colours.values())

    @cached_property
    def intents(self) -> tuple[Intent, ...]:
        """The output intents."""
        return tuple(intents(self.root, self.unpacked))

    @cached_property
    def output(self) -> str | None:
        """The colour space of the PDF/A output intent, as the profile's header spells it."""
        found = [each.profile.colour_space for each in self.intents if each.profile and name(each.dictionary.get("/S")) == "GTS_PDFA1"]
        return found[-1] if found else None

    @cached_property
    def devices(self) -> tuple[Device, ...]:
        """The colour spaces of devices in use."""
        return tuple(Device(each.space.kind, self.output, each.place) for each in self.colours if each.space.kind in colours.DEVICES)

    @cached_property
    def profiles(self) -> tuple[Profiled, ...]:
        """The ICC profiles of colour spaces in use."""
        held = [(each, each.space.profile) for each in self.colours]
        return tuple(Profiled(profile(self.unpacked.read(found) or b"", None), each.place) for each, found in held if found is not None)

    @cached_property
    def separations(self) -> tuple[Separation, ...]:
        """The separations in use, each with the first of the same name."""
        return tuple(colours.separations((each.space, each.place) for each in self.colours))

    # fonts

    @cached_property
    def fonts(self) -> tuple[Face, ...]:
        """The fonts in use."""
        return tuple(face for used in self.painted.fonts.values() if used.used for face in fonts.faces(used, self.unpacked))

    @cached_property
    def glyphs(self) -> tuple[Glyph, ...]:
        """The glyphs that are shown."""
        return tuple(glyph for face in self.fonts for glyph in glyphs.glyphs(face))

    # interaction

    @cached_property
    def annotations(self) -> tuple[Annotation, ...]:
        """The annotations of all pages."""
        return tuple(each for page in self.pages for each in interaction.annotated(page))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The fields of the form."""
        return tuple(interaction.fields(self.root))

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """Every action."""
        return tuple(interaction.actions(self.root, self.pages, self.annotations, self.fields))

    @cached_property
    def form(self) -> tuple[Thing, ...]:
        """The interactive form."""
        found = dictionary(self.root.get("/AcroForm"))
        return () if found is None else (Thing(found, "interactive form"),)

    @cached_property
    def permissions(self) -> tuple[Thing, ...]:
        """The permissions dictionary."""
        found = dictionary(self.root.get("/Perms"))
        return () if found is None else (Thing(found, "permissions"),)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """The references of signatures."""
        certified = at(self.root, "/Perms", "/DocMDP") is not None
        signed = [(each, at(each.dictionary, "/V")) for each in self.fields if name(each.dictionary.get("/FT")) == "Sig"]
        return tuple(Reference(found, certified, field.place) for field, value in signed for found in dictionaries(at(value, "/Reference")))

    @cached_property
    def configurations(self) -> tuple[optional.Configuration, ...]:
        """The configurations of optional content."""
        return tuple(optional.configurations(self.root))

    # files

    @cached_property
    def specifications(self) -> tuple[Specification, ...]:
        """The file specifications."""
        return tuple(files.specifications(self.root, self.held, self._associated()))

    def _associated(self) -> Iterator[set[object]]:
        """What is associated with the document, then with anything within it; the latter is looked for only where it is asked for."""
        yield {identity(each) for each in dictionaries(self.root.get("/AF"))}
        yield files.associated(self.root, self.pages, self.annotations, self.painted)

    @cached_property
    def embedded(self) -> tuple[Embedded, ...]:
        """The streams that are files."""
        return tuple(each for specification in self.specifications for each in files.embedded(specification))

    # metadata

    @cached_property
    def packets(self) -> tuple[Packet, ...]:
        """The metadata of the document and of its parts."""
        return tuple(self._packets())

    def _packets(self) -> Iterator[Packet]:
        main = self.root.get("/Metadata")
        if _is_metadata(main):
            yield xmp.packet(main, self.unpacked.read(main), "metadata of the document", main=True)
        for held in self.held:
            if b"/Metadata" in held.text and isinstance(held.object, pikepdf.Dictionary | pikepdf.Stream):
                found = held.object.get("/Metadata")
                if _is_metadata(found) and name(held.object.get("/Type")) != "Catalog":
                    yield xmp.packet(found, self.unpacked.read(found), f"metadata of {held.place}", main=False)

    @property
    def main_packet(self) -> tuple[Packet, ...]:
        """The metadata of the document."""
        return tuple(each for each in self.packets if each.main)

    @cached_property
    def _defined(self) -> dict[str, Schema]:
        return xmp_types.extensions(next(iter(self.main_packet), None))

    @property
    def defined(self) -> dict[str, Mapping[str, str]]:
        """The properties that the extension schemas of the document's metadata define, with their types, by namespace."""
        return {namespace: schema.properties for namespace, schema in self._defined.items()}

    @cached_property
    def properties(self) -> tuple[Property, ...]:
        """The properties of all packets."""
        return tuple(each for packet in self.packets for each in xmp_types.properties(packet, self._defined))

    @cached_property
    def extensions(self) -> tuple[Described, ...]:
        """The extension schemas, and everything that they define."""
        return tuple(each for packet in self.packets for each in xmp_types.described(packet, {} if packet.main else self._defined))

    # the invoice

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """What the metadata claim of an invoice."""
        return tuple(hybrid.claims(self.main_packet))

    @cached_property
    def invoices(self) -> tuple[Invoice, ...]:
        """The attached invoices."""
        return tuple(hybrid.invoices(self.root, self.specifications, self.claims, self.unpacked))


def _is(held: Held, kind: str) -> bool:
    return isinstance(held.object, pikepdf.Stream) and name(held.object.get("/Type")) == kind


def _is_metadata(value: Object) -> bool:
    return stream(value) is not None and name(value.get("/Type")) == "Metadata" and name(value.get("/Subtype")) == "XML"


def _crypt(held: Object) -> str | None:
    stated = held.get("/DecodeParms")
    return name(at(next((each for each in array(stated) if dictionary(each) is not None), stated), "/Name"))


def _box(value: Object, place: str) -> Box:
    """The size of a boundary; a side that is absent, or is no number, is 0."""
    left, bottom, right, top = ([number(each) or 0.0 for each in value] + [0.0] * 4)[:4]
    return Box(abs(right - left), abs(top - bottom), place)
