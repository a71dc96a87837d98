"""What is painted: operators, graphics states, images, forms, transparency (ISO 19005-3, 6.2.2, 6.2.5 to 6.2.10)."""

from __future__ import annotations

from einvoice.pdf.conditions.condition import condition
from einvoice.pdf.conditions.parts import Blending
from einvoice.pdf.conditions.seen.halftones import Halftone
from einvoice.pdf.conditions.seen.jpx import JPX
from einvoice.pdf.conditions.seen.painted import Content, Image, Inline, Named, Part
from einvoice.pdf.conditions.seen.values import array, integer, name

_INTENTS = frozenset({"RelativeColorimetric", "AbsoluteColorimetric", "Perceptual", "Saturation"})
_BLENDS = frozenset(
    "Normal Compatible Multiply Screen Overlay Darken Lighten ColorDodge ColorBurn HardLight SoftLight Difference Exclusion "
    "Hue Saturation Color Luminosity".split()
)
_INLINE_FILTERS = frozenset(
    "ASCIIHexDecode ASCII85Decode FlateDecode RunLengthDecode CCITTFaxDecode DCTDecode AHx A85 Fl RL CCF DCT".split()
)
_PRIMARY = frozenset({None, "Cyan", "Magenta", "Yellow", "Black"})


@condition("PDFA-6.1.10-1", "inline")
def filter_of_an_inline_image_is_allowed(image: Inline) -> object:
    """Pack the image in the content stream by FlateDecode: LZW, Crypt and unknown filters are forbidden."""
    stated = image.entries.get("/Filter")
    return stated is None or set(stated if isinstance(stated, list) else [stated]) <= _INLINE_FILTERS


@condition("PDFA-6.2.2-1", "contents")
def operators_are_defined(content: Content) -> object:
    """Remove the operators that PDF does not define from the content stream."""
    return not content.undefined


@condition("PDFA-6.2.2-2", "contents")
def resources_are_its_own(content: Content) -> object:
    """Give the page or form a Resources dictionary of its own that has all it uses."""
    return not content.inherited


@condition("PDFA-6.2.5-1", "states")
def no_transfer_function(state: Part) -> object:
    """Remove TR from the graphics state."""
    return "/TR" not in state.dictionary


@condition("PDFA-6.2.5-2", "states")
def default_transfer_function_only(state: Part) -> object:
    """Remove TR2 from the graphics state, or set it to Default."""
    return "/TR2" not in state.dictionary or name(state.dictionary.get("/TR2")) == "Default"


@condition("PDFA-6.2.5-3", "states")
def no_halftone_phase(state: Part) -> object:
    """Remove HTP from the graphics state."""
    return "/HTP" not in state.dictionary


@condition("PDFA-6.2.5-4", "halftones")
def halftone_is_of_a_known_type(halftone: Halftone) -> object:
    """Use halftones of type 1 or 5, or none."""
    return halftone.kind in {1, 5}


@condition("PDFA-6.2.5-5", "halftones")
def halftone_has_no_name(halftone: Halftone) -> object:
    """Remove HalftoneName from the halftone."""
    return halftone.dictionary.get("/HalftoneName") is None


@condition("PDFA-6.2.5-6", "halftones")
def transfer_function_is_for_spot_colours(halftone: Halftone) -> object:
    """Use TransferFunction in halftones of spot colours, which need it, and in no others."""
    if halftone.colorant == "Default":
        return True
    return (halftone.dictionary.get("/TransferFunction") is None) == (halftone.colorant in _PRIMARY)


@condition("PDFA-6.2.6-1", "rendering_intents")
def rendering_intent_is_known(intent: Named) -> object:
    """Use RelativeColorimetric, AbsoluteColorimetric, Perceptual or Saturation as rendering intent."""
    return intent.name in _INTENTS


@condition("PDFA-6.2.8-1", "images")
def image_has_no_alternates(image: Image) -> object:
    """Remove Alternates from the image: what is printed is what is seen."""
    return "/Alternates" not in image.dictionary


@condition("PDFA-6.2.8-2", "images")
def image_is_no_proxy(image: Image) -> object:
    """Remove OPI from the image and embed the image itself."""
    return "/OPI" not in image.dictionary


@condition("PDFA-6.2.8-3", "images")
def image_is_not_interpolated(image: Image) -> object:
    """Set Interpolate to false for the image, or remove it."""
    return image.dictionary.get("/Interpolate") is not True


@condition("PDFA-6.2.8-4", "images")
def samples_have_known_bits(image: Image) -> object:
    """Store the image with 1, 2, 4, 8 or 16 bits for each component."""
    return image.role == "mask" or integer(image.dictionary.get("/BitsPerComponent")) in {None, 1, 2, 4, 8, 16}


@condition("PDFA-6.2.8-5", "images")
def mask_has_one_bit(image: Image) -> object:
    """Store the mask with one bit for each sample."""
    return image.role != "mask" or integer(image.dictionary.get("/BitsPerComponent")) in {None, 1}


@condition("PDFA-6.2.8.3-1", "jpx")
def jpeg_2000_has_known_channels(image: JPX) -> object:
    """Store the JPEG 2000 image in gray, RGB or CMYK: with 1, 3 or 4 channels of colour."""
    return image.channels in {1, 3, 4}


@condition("PDFA-6.2.8.3-2", "jpx")
def jpeg_2000_has_one_exact_specification(image: JPX) -> object:
    """State one colour specification in the JPEG 2000 image, or mark one of them as exact (APPROX 1)."""
    exact = sum(each.approximation == 1 for each in image.specifications)
    return image.own_space or len(image.specifications) == 1 or exact == 1


@condition("PDFA-6.2.8.3-3", "jpx")
def jpeg_2000_has_a_known_method(image: JPX) -> object:
    """Use METH 1, 2 or 3 in the colour specification of the JPEG 2000 image."""
    return image.own_space or image.method in {1, 2, 3}


@condition("PDFA-6.2.8.3-4", "jpx")
def jpeg_2000_is_not_ciejab(image: JPX) -> object:
    """Store the JPEG 2000 image in another colour space than CIEJab."""
    return image.own_space or image.best is None or image.best.enumerated != 19


@condition("PDFA-6.2.8.3-5", "jpx")
def jpeg_2000_has_one_bit_depth(image: JPX) -> object:
    """Store all channels of the JPEG 2000 image with the same number of bits, 1 to 38."""
    return not image.differing and image.bits is not None and 1 <= image.bits <= 38


@condition("PDFA-6.2.9-1", "forms")
def form_has_no_postscript(form: Part) -> object:
    """Remove PS, OPI and Subtype2 from the form XObject."""
    return not {"/PS", "/OPI"} & set(form.dictionary.keys()) and name(form.dictionary.get("/Subtype2")) != "PS"


@condition("PDFA-6.2.9-2", "forms")
def form_refers_to_no_other_file(form: Part) -> object:
    """Embed what the form XObject refers to, and remove Ref."""
    return "/Ref" not in form.dictionary


@condition("PDFA-6.2.9-3", "scripts")
def there_is_no_postscript(_: Part) -> object:
    """Remove the PostScript XObject from the page."""
    return False


@condition("PDFA-6.2.10-1", "states")
def blend_mode_is_known(state: Part) -> object:
    """Use a blend mode that PDF 1.7 defines, such as Normal or Multiply."""
    stated = state.dictionary.get("/BM")
    named = next((each for each in map(name, array(stated)) if each is not None), None) if len(array(stated)) else name(stated)
    return named is None or named in _BLENDS


@condition("PDFA-6.2.10-2", "blending")
def transparent_page_says_its_colours(page: Blending) -> object:
    """Add an output intent, or name a colour space (CS) in the page's transparency group: the page is transparent."""
    return not page.transparent or page.coloured
