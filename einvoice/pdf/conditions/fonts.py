"""Fonts: dictionaries, embedded font programs, CMaps, encodings, glyphs and their widths (ISO 19005-3, 6.2.11, 6.1.13)."""

from __future__ import annotations

from einvoice.pdf.conditions.condition import condition
from einvoice.pdf.conditions.seen import encodings, glyphs
from einvoice.pdf.conditions.seen.cmaps import PREDEFINED, system
from einvoice.pdf.conditions.seen.fonts import Face
from einvoice.pdf.conditions.seen.glyphs import Glyph
from einvoice.pdf.conditions.seen.truetype import TrueType
from einvoice.pdf.conditions.seen.values import array, at, integer, name, stream, string

_SUBTYPES = frozenset({"Type1", "MMType1", "TrueType", "Type3", "CIDFontType0", "CIDFontType2"})
_TRUE_TYPE_ENCODINGS = frozenset({"MacRomanEncoding", "WinAnsiEncoding"})


@condition("PDFA-6.1.13-10", "fonts")
def character_identifiers_are_bounded(font: Face) -> object:
    """Use character identifiers up to 65,535 in the embedded CMap."""
    return font.cmap is None or font.cmap.embedded is None or font.cmap.largest <= 65_535


@condition("PDFA-6.2.11.2-1", "fonts")
def font_is_typed(font: Face) -> object:
    """Set Type of the font dictionary to Font."""
    return name(font.dictionary.get("/Type")) == "Font"


@condition("PDFA-6.2.11.2-2", "fonts")
def font_is_of_a_known_subtype(font: Face) -> object:
    """Set Subtype of the font dictionary to one that PDF defines, such as TrueType."""
    return font.subtype in _SUBTYPES or font.is_missing


@condition("PDFA-6.2.11.2-3", "fonts")
def font_has_a_name(font: Face) -> object:
    """State BaseFont in the font dictionary."""
    return font.subtype == "Type3" or font.name is not None


@condition("PDFA-6.2.11.2-4", "fonts")
def font_states_its_first_code(font: Face) -> object:
    """State FirstChar in the font dictionary."""
    return not font.is_simple or font.is_standard or integer(font.dictionary.get("/FirstChar")) is not None


@condition("PDFA-6.2.11.2-5", "fonts")
def font_states_its_last_code(font: Face) -> object:
    """State LastChar in the font dictionary."""
    return not font.is_simple or font.is_standard or integer(font.dictionary.get("/LastChar")) is not None


@condition("PDFA-6.2.11.2-6", "fonts")
def font_states_its_widths(font: Face) -> object:
    """State Widths in the font dictionary: one for each code from FirstChar to LastChar."""
    if not font.is_simple or font.is_standard:
        return True
    first, last = integer(font.dictionary.get("/FirstChar")), integer(font.dictionary.get("/LastChar"))
    widths = array(font.dictionary.get("/Widths"))
    return widths != () and len(widths) == (last or 0) - (first or 0) + 1


@condition("PDFA-6.2.11.2-7", "fonts")
def font_program_is_of_a_known_format(font: Face) -> object:
    """Embed the font as Type 1, TrueType, CFF or OpenType, and say so in Subtype of its stream."""
    return font.file_type in {None, "Type1C", "CIDFontType0C", "OpenType"}


@condition("PDFA-6.2.11.3.1-1", "fonts")
def font_and_cmap_fit(font: Face) -> object:
    """Use a CMap for the font's collection of characters: same Registry and Ordering, and no smaller Supplement."""
    if font.cmap is None or font.cmap.name in {"Identity-H", "Identity-V"}:
        return True
    return font.cmap.system.serves(system(font.dictionary.get("/CIDSystemInfo")))


@condition("PDFA-6.2.11.3.2-1", "fonts")
def true_type_identifiers_lead_to_glyphs(font: Face) -> object:
    """State CIDToGIDMap of the embedded CIDFontType2 font: Identity, or a stream."""
    if font.subtype != "CIDFontType2" or font.program is None:
        return True
    stated = font.dictionary.get("/CIDToGIDMap")
    return stream(stated) is not None or name(stated) == "Identity"


@condition("PDFA-6.2.11.3.3-1", "fonts")
def cmap_is_embedded(font: Face) -> object:
    """Embed the CMap, or use one that PDF defines, such as Identity-H."""
    return font.cmap is None or font.cmap.name in PREDEFINED or font.cmap.embedded is not None


@condition("PDFA-6.2.11.3.3-2", "fonts")
def cmap_states_one_writing_mode(font: Face) -> object:
    """State the same WMode in the embedded CMap and in the dictionary of its stream."""
    return font.cmap is None or font.cmap.embedded is None or len(set(font.cmap.writing_modes)) == 1


@condition("PDFA-6.2.11.3.3-3", "fonts")
def cmap_builds_on_a_predefined_one(font: Face) -> object:
    """Let the embedded CMap build (UseCMap) on none, or on one that PDF defines."""
    used = None if font.cmap is None else font.cmap.used
    return used is None or used.name in PREDEFINED


@condition("PDFA-6.2.11.4.1-1", "fonts")
def font_is_embedded(font: Face) -> object:
    """Embed the font: export the PDF with all fonts embedded, the standard ones such as Helvetica and Arial too."""
    return font.subtype == "Type3" or not font.visible or font.program is not None or font.is_missing


@condition("PDFA-6.2.11.4.1-2", "glyphs")
def glyph_is_embedded(glyph: Glyph) -> object:
    """Embed every glyph that is shown: export the PDF with complete fonts, or with subsets of what it uses."""
    return not glyph.visible or glyph.present is not False


@condition("PDFA-6.2.11.4.2-1", "fonts")
def character_set_lists_the_glyphs(font: Face) -> object:
    """List in CharSet exactly the glyphs of the embedded subset, or remove CharSet."""
    if font.subtype not in {"Type1", "MMType1"} or font.program is None or not font.is_subset:
        return True
    return string(at(font.descriptor, "/CharSet")) is None or glyphs.lists_all_glyphs(font)


@condition("PDFA-6.2.11.4.2-2", "fonts")
def identifier_set_lists_the_glyphs(font: Face) -> object:
    """Mark in CIDSet exactly the glyphs of the embedded subset, or remove CIDSet."""
    if font.composite is None or font.program is None or not font.is_subset:
        return True
    return stream(at(font.descriptor, "/CIDSet")) is None or glyphs.lists_all_identifiers(font)


@condition("PDFA-6.2.11.5-1", "glyphs")
def glyph_is_as_wide_as_stated(glyph: Glyph) -> object:
    """State in Widths (W) the widths that the embedded font has: its program and the PDF differ by more than a thousandth."""
    if not glyph.visible or glyph.program_width is None or glyph.width is None:
        return True
    return abs(glyph.program_width - glyph.width) <= 1


@condition("PDFA-6.2.11.6-1", "fonts")
def true_type_program_knows_characters(font: Face) -> object:
    """Embed the TrueType font with a table of codes (cmap) for characters, or mark it as symbolic."""
    program = font.program
    if font.subtype != "TrueType" or not isinstance(program, TrueType) or font.is_symbolic:
        return True
    return len(program.encodings) > (1 if program.codes(3, 0) is not None else 0)


@condition("PDFA-6.2.11.6-2", "fonts")
def true_type_encoding_is_plain(font: Face) -> object:
    """Set Encoding of the TrueType font to WinAnsiEncoding or MacRomanEncoding; Differences name glyphs of the Adobe Glyph List only."""
    if font.subtype != "TrueType" or font.is_symbolic:
        return True
    if encodings.base(font.dictionary) not in _TRUE_TYPE_ENCODINGS:
        return False
    if at(font.dictionary.get("/Encoding"), "/Differences") is None:
        return True
    named = encodings.differences(font.dictionary).values()
    program = font.program
    return isinstance(program, TrueType) and program.codes(3, 1) is not None and all(each in encodings.glyphs() for each in named)


@condition("PDFA-6.2.11.6-3", "fonts")
def symbolic_true_type_has_no_encoding(font: Face) -> object:
    """Remove Encoding of the symbolic TrueType font, or mark the font as nonsymbolic."""
    return font.subtype != "TrueType" or not font.is_symbolic or encodings.base(font.dictionary) is None


@condition("PDFA-6.2.11.6-4", "fonts")
def symbolic_true_type_has_one_table(font: Face) -> object:
    """Embed the symbolic TrueType font with one table of codes (cmap), or with one for symbols (3, 0)."""
    program = font.program
    if font.subtype != "TrueType" or not isinstance(program, TrueType) or not font.is_symbolic:
        return True
    return len(program.encodings) == 1 or program.codes(3, 0) is not None


@condition("PDFA-6.2.11.8-1", "glyphs")
def glyph_is_defined(glyph: Glyph) -> object:
    """Show no character that the font lacks: replace it, or use a font that has it."""
    return not glyph.undefined
