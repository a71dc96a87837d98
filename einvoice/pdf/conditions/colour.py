"""Colours: output intents, ICC profiles, colour spaces of devices, inks (ISO 19005-3, 6.2.3, 6.2.4)."""

from __future__ import annotations

from einvoice.pdf.conditions.condition import condition
from einvoice.pdf.conditions.document import Document
from einvoice.pdf.conditions.parts import Device, Profiled
from einvoice.pdf.conditions.seen.colours import Separation
from einvoice.pdf.conditions.seen.intents import Intent
from einvoice.pdf.conditions.seen.painted import Coloured
from einvoice.pdf.conditions.seen.values import array, at, keys, name

_PROCESS = frozenset({"Cyan", "Magenta", "Yellow", "Black", "None"})


@condition("PDFA-6.2.3-1", "intents")
def output_profile_is_of_a_printer_or_monitor(intent: Intent) -> object:
    """Embed an ICC profile of version 2 or 4 as DestOutputProfile, one of a printer or monitor in gray, RGB or CMYK, such as sRGB."""
    profile = intent.profile
    return profile is None or (
        profile.device_class in {"prtr", "mntr"}
        and profile.colour_space in {"RGB ", "CMYK", "GRAY"}
        and profile.version is not None
        and profile.version < 5
    )


@condition("PDFA-6.2.3-2", "itself")
def output_intents_share_a_profile(document: Document) -> object:
    """Let all output intents refer to the same DestOutputProfile object."""
    return len({each.key for each in document.intents if each.key is not None}) <= 1


@condition("PDFA-6.2.3-3", "intents")
def output_profile_is_in_the_file(intent: Intent) -> object:
    """Embed the profile of the PDF/X output intent and remove DestOutputProfileRef."""
    return name(intent.dictionary.get("/S")) != "GTS_PDFX" or "/DestOutputProfileRef" not in intent.dictionary


@condition("PDFA-6.2.4.2-1", "profiles")
def profile_of_a_colour_space_is_known(profiled: Profiled) -> object:
    """Embed an ICC profile of version 2 or 4 that describes a device or colour space in gray, RGB, CMYK or Lab."""
    profile = profiled.profile
    return (
        profile.device_class in {"prtr", "mntr", "scnr", "spac"}
        and profile.colour_space in {"RGB ", "CMYK", "GRAY", "Lab "}
        and profile.version is not None
        and profile.version < 5
    )


@condition("PDFA-6.2.4.2-2", "colours")
def inks_of_a_profile_are_not_mixed(colour: Coloured) -> object:
    """Set OPM to 0 where an ICCBased CMYK colour is overprinted."""
    return not (colour.mixes and colour.space.kind == "ICCBased" and colour.space.components == 4)


@condition("PDFA-6.2.4.3-2", "devices")
def rgb_is_defined(device: Device) -> object:
    """Add an output intent (S GTS_PDFA1) with an RGB profile such as sRGB, or use ICCBased colours: DeviceRGB is used without either."""
    return device.kind != "DeviceRGB" or device.output == "RGB "


@condition("PDFA-6.2.4.3-3", "devices")
def cmyk_is_defined(device: Device) -> object:
    """Export with RGB or ICCBased colours, or add an output intent (S GTS_PDFA1) with a CMYK profile: DeviceCMYK is used without either."""
    return device.kind != "DeviceCMYK" or device.output == "CMYK"


@condition("PDFA-6.2.4.3-4", "devices")
def gray_is_defined(device: Device) -> object:
    """Add an output intent (S GTS_PDFA1) with a profile such as sRGB: DeviceGray is used, black text for instance, without one."""
    return device.kind != "DeviceGray" or device.output is not None


@condition("PDFA-6.2.4.4-1", "colours")
def spot_colours_are_described(colour: Coloured) -> object:
    """Describe every spot colour of the DeviceN space in its dictionary Colorants."""
    if colour.space.kind != "DeviceN":
        return True
    stated = colour.space.array
    attributes = stated[4] if len(stated) > 4 else None
    described: set[str | None] = {*keys(at(attributes, "/Colorants"))}
    described |= {name(each) for each in array(at(attributes, "/Process", "/Components"))}
    return {name(each) for each in array(stated[1])} <= described | _PROCESS


@condition("PDFA-6.2.4.4-2", "separations")
def separations_of_a_name_are_the_same(separation: Separation) -> object:
    """Define the spot colour alike wherever it is used: same alternate space, same tint transform."""
    return separation.agrees
