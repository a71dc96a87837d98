"""What each list is, and which official rules say what stands in it. The update script cooks these into the JSON files.

Roles name the artefacts: `cen-ubl`, `cen-cii`, `peppol`, `peppol-selfbilling`, `xrechnung-ubl`, `xrechnung-cii`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

CEN = "CEN EN 16931 validation artefacts 1.3.16"
PEPPOL = "Peppol BIS Billing 3, release 2026.5"
XRECHNUNG = "XRechnung 3.0.2, schematron 2.5.0"
CEN_SINCE = "2026-05-15"  # from when the EN 16931 code lists v17b are used, which 1.3.16 implements
XRECHNUNG_SINCE = "2026-01-31"  # when the release was published
PEPPOL_SINCE = "2026-08-17"  # from when the release is mandatory


class Pick(NamedTuple):
    """A subset, read from the first of some rules of one artefact; the other rules must test the same codes.

    Of the rule's literals those count that hold the word `containing` (None: all), and of their words those that match `words`.
    """

    subset: str
    role: str
    rules: tuple[str, ...]
    containing: str | None = None
    words: str = r"\S+"


class Recipe(NamedTuple):
    """One list: what its file says about it, where its subsets come from, and what it maps to in other lists."""

    name: str
    title: str
    version: str
    source: str
    terms: tuple[str, ...]
    picks: tuple[Pick, ...]
    valid_from: str = CEN_SINCE
    maps: Mapping[str, Mapping[str, str]] = {}
    also_used_by: tuple[str, ...] = ()


def _both(rules: tuple[str, ...], containing: str | None = None, words: str = r"\S+") -> tuple[Pick, Pick]:
    """The same rules in CEN's UBL and CII artefacts."""
    return Pick("cen-ubl", "cen-ubl", rules, containing, words), Pick("cen-cii", "cen-cii", rules, containing, words)


def _peppol(rule: str, containing: str | None = None, words: str = r"[^\\]\S*") -> tuple[Pick, Pick]:
    """The same rule in Peppol's artefacts for billing and self-billing."""
    return (
        Pick("peppol", "peppol", (rule,), containing, words),
        Pick("peppol-selfbilling", "peppol-selfbilling", (rule,), containing, words),
    )


_UNCL = f"UN/CEFACT, UN/EDIFACT code list (UNTDID) %s, as restricted by {CEN}%s"
# The Extension of XRechnung joins two lists with a double space, so its tests also pass an empty scheme, which no table can say.
# BR-CO-09 and, in UBL, BR-CL-08 look for a code anywhere in the text of their list, so parts of two neighbours pass as well.
_ICD_RULES = ("BR-CL-10", "BR-CL-11", "BR-CL-21", "BR-CL-26")

RECIPES: tuple[Recipe, ...] = (
    Recipe(
        "untdid-1001",
        "Document type (UNTDID 1001), invoices and credit notes",
        CEN,
        _UNCL % ("1001", f", {PEPPOL} and {XRECHNUNG}"),
        ("BT-3",),
        (
            Pick("cen-ubl-invoice", "cen-ubl", ("BR-CL-01",), "380"),
            Pick("cen-ubl-creditnote", "cen-ubl", ("BR-CL-01",), "381"),
            Pick("cen-cii", "cen-cii", ("BR-CL-01",), "380"),
            Pick("peppol-invoice", "peppol", ("PEPPOL-EN16931-P0100",), "380"),
            Pick("peppol-creditnote", "peppol", ("PEPPOL-EN16931-P0101",), "381"),
            Pick("peppol-german-parties", "peppol", ("PEPPOL-EN16931-P0112",), None, r"\d{3}"),
            Pick("peppol-selfbilling-invoice", "peppol-selfbilling", ("PEPPOL-EN16931-P0100",), "389"),
            Pick("peppol-selfbilling-creditnote", "peppol-selfbilling", ("PEPPOL-EN16931-P0101",), "261"),
            Pick("peppol-germany", "peppol", ("DE-R-017",), None, r"\d{3}"),
            Pick("xrechnung", "xrechnung-ubl", ("BR-DE-17",), None, r"\d{3}"),
        ),
    ),
    Recipe(
        "untdid-1153",
        "Reference qualifier (UNTDID 1153): schemes of an invoiced object",
        CEN,
        _UNCL % ("1153", ""),
        ("BT-18-1", "BT-128-1"),
        _both(("BR-CL-07",)),
    ),
    Recipe(
        "untdid-2005",
        "Date function (UNTDID 2005): when VAT becomes due, in UBL",
        CEN,
        _UNCL % ("2005", f" (UBL) and {PEPPOL}"),
        ("BT-8",),
        (Pick("cen-ubl", "cen-ubl", ("BR-CL-06",)), *_peppol("PEPPOL-EN16931-CL006")),
        maps={"untdid-2475": {"3": "5", "35": "29", "432": "72"}},
    ),
    Recipe(
        "untdid-2379",
        "Format of a date (UNTDID 2379), in CII",
        CEN,
        _UNCL % ("2379", " (CII)"),
        ("BT-2", "BT-7", "BT-9", "BT-26", "BT-72", "BT-73", "BT-74", "BT-134", "BT-135"),
        (Pick("cen-cii", "cen-cii", ("BR-03", "BR-29", "BR-30"), None, r"\d{3}"),),
    ),
    Recipe(
        "untdid-2475",
        "Time reference (UNTDID 2475): when VAT becomes due, in CII",
        CEN,
        _UNCL % ("2475", " (CII)"),
        ("BT-8",),
        (Pick("cen-cii", "cen-cii", ("BR-CL-06",)),),
        maps={"untdid-2005": {"5": "3", "29": "35", "72": "432"}},
    ),
    Recipe(
        "untdid-4451",
        "Subject of a text (UNTDID 4451)",
        CEN,
        _UNCL % ("4451", ""),
        ("BT-21",),
        _both(("BR-CL-08",), "AAA"),
    ),
    Recipe(
        "untdid-4461",
        "Means of payment (UNTDID 4461)",
        CEN,
        _UNCL % ("4461", f"; for Danish and Dutch sellers by {PEPPOL}"),
        ("BT-81",),
        (
            *_both(("BR-CL-16",)),
            Pick("peppol-denmark", "peppol", ("DK-R-005",), "10"),
            Pick("peppol-netherlands", "peppol", ("NL-R-008",), None, r"\d\d"),
        ),
    ),
    Recipe(
        "untdid-5189",
        "Reason of an allowance (UNTDID 5189)",
        CEN,
        _UNCL % ("5189", f" and {PEPPOL}"),
        ("BT-98", "BT-140"),
        (*_both(("BR-CL-19",)), *_peppol("PEPPOL-EN16931-CL002")),
    ),
    Recipe(
        "untdid-5305",
        "VAT category (UNTDID 5305)",
        CEN,
        _UNCL % ("5305", f"; those that need a tax number of the seller by {XRECHNUNG}"),
        ("BT-95", "BT-102", "BT-118", "BT-151"),
        (
            *_both(("BR-CL-17", "BR-CL-18")),
            Pick("xrechnung-tax-number-required", "xrechnung-ubl", ("BR-DE-16",), None, r"[A-Z]|AE"),
        ),
    ),
    Recipe(
        "untdid-7143",
        "Scheme of an item classification (UNTDID 7143)",
        CEN,
        _UNCL % ("7143", f"; CVD is {XRECHNUNG}'s own, for clean vehicles"),
        ("BT-158-1",),
        (*_both(("BR-CL-13",)), Pick("xrechnung-cvd", "xrechnung-ubl", ("BR-TMP-CVD-01",))),
    ),
    Recipe(
        "untdid-7161",
        "Reason of a charge (UNTDID 7161)",
        CEN,
        _UNCL % ("7161", f" and {PEPPOL}"),
        ("BT-105", "BT-145"),
        (*_both(("BR-CL-20",)), *_peppol("PEPPOL-EN16931-CL003")),
    ),
    Recipe(
        "iso-3166-1",
        "Country (ISO 3166-1 alpha-2), with 1A (Kosovo), XI (Northern Ireland) and, as a VAT prefix, EL (Greece)",
        CEN,
        f"ISO 3166 Maintenance Agency, with the additions of {CEN}",
        ("BT-40", "BT-55", "BT-69", "BT-80", "BT-159", "BT-31", "BT-48", "BT-63"),
        (
            *_both(("BR-CL-14", "BR-CL-15")),
            Pick("cen-ubl-vat-prefix", "cen-ubl", ("BR-CO-09",)),
            Pick("cen-cii-vat-prefix", "cen-cii", ("BR-CO-09",)),
        ),
    ),
    Recipe(
        "iso-4217",
        "Currency (ISO 4217 alpha-3)",
        CEN,
        f"ISO 4217 Maintenance Agency (SIX), as taken over by {CEN} and {PEPPOL}",
        ("BT-5", "BT-6"),
        (*_both(("BR-CL-03", "BR-CL-04", "BR-CL-05")), *_peppol("PEPPOL-EN16931-CL007")),
    ),
    Recipe(
        "iso-6523",
        "Identification scheme (ISO/IEC 6523 International Code Designator)",
        CEN,
        f"ISO/IEC 6523 Registration Authority, as taken over by {CEN}; XR01 to XR03 by the Extension of {XRECHNUNG}",
        ("BT-29-1", "BT-30-1", "BT-46-1", "BT-47-1", "BT-60-1", "BT-61-1", "BT-71-1", "BT-157-1"),
        (
            *_both(_ICD_RULES, "0002"),
            Pick("xrechnung-extension", "xrechnung-ubl", ("BR-DEX-04", "BR-DEX-05", "BR-DEX-06", "BR-DEX-08"), None, r"\d{4}|XR\d\d"),
        ),
    ),
    Recipe(
        "eas",
        "Electronic address scheme (EAS)",
        CEN,
        f"European Commission (DIGITAL eInvoicing), as taken over by {CEN}, {PEPPOL} and {XRECHNUNG}",
        ("BT-34-1", "BT-49-1"),
        (
            *_both(("BR-CL-25",)),
            *_peppol("PEPPOL-EN16931-CL008"),
            Pick("xrechnung-extension", "xrechnung-ubl", ("BR-DEX-07",)),
        ),
    ),
    Recipe(
        "vatex",
        "VAT exemption reason (VATEX)",
        CEN,
        f"European Commission (DIGITAL eInvoicing), as taken over by {CEN}; the VAT category some of them require by {PEPPOL}",
        ("BT-121",),
        _both(("BR-CL-22",)),
        maps={
            "untdid-5305": {
                "VATEX-EU-AE": "AE",
                "VATEX-EU-D": "E",
                "VATEX-EU-F": "E",
                "VATEX-EU-G": "G",
                "VATEX-EU-I": "E",
                "VATEX-EU-IC": "K",
                "VATEX-EU-J": "E",
                "VATEX-EU-O": "O",
            }
        },
        also_used_by=tuple(f"PEPPOL-EN16931-P01{n:02}" for n in range(4, 12)),
    ),
    Recipe(
        "unece-units",
        "Unit of measure (UN/ECE Recommendation 20, and Recommendation 21 packages with an X before the code)",
        CEN,
        f"UN/ECE, as taken over by {CEN}",
        ("BT-130", "BT-150"),
        _both(("BR-CL-23",)),
    ),
    Recipe(
        "mime",
        "Media type of an attachment",
        CEN,
        f"IANA, as restricted by {CEN}, {PEPPOL} and the Extension of {XRECHNUNG}",
        ("BT-125-1",),
        (
            *_both(("BR-CL-24",), None, r"[a-z]+/\S+"),
            *_peppol("PEPPOL-EN16931-CL001", None, r"[a-z]+/\S+"),
            Pick("xrechnung-extension", "xrechnung-ubl", ("BR-DEX-01",), None, r"[a-z]+/\S+"),
        ),
    ),
    Recipe(
        "sepa",
        "Scheme of a creditor identifier in UBL",
        CEN,
        f"OpenPeppol (SEPA indicator), as taken over by {CEN} and {XRECHNUNG}",
        ("BT-90",),
        (
            Pick("cen-ubl", "cen-ubl", ("BR-CL-10",), "SEPA"),
            Pick("xrechnung", "xrechnung-ubl", ("BR-DE-30",), "SEPA"),
            Pick("xrechnung-extension", "xrechnung-ubl", ("BR-DEX-04",), "SEPA"),
        ),
    ),
    Recipe(
        "tax-scheme",
        "Scheme of a tax or of a tax number",
        CEN,
        f"UN/CEFACT: UNTDID 5153 for VAT, UNTDID 1153 for VA and FC in CII, as used by {CEN}",
        ("BT-31", "BT-32", "BT-48", "BT-63"),
        (
            Pick("cen-ubl", "cen-ubl", ("BR-S-02",), None, "VAT"),
            Pick("cen-cii", "cen-cii", ("BR-S-02",), None, "VA|FC"),
            Pick("xrechnung-ubl", "xrechnung-ubl", ("BR-DE-16",), None, "VAT"),
            Pick("xrechnung-cii", "xrechnung-cii", ("BR-DE-16",), None, "VA|FC|VAT"),
        ),
    ),
    Recipe(
        "cvd-vehicle-category",
        "Category of a vehicle under the Clean Vehicles Directive",
        XRECHNUNG,
        f"KoSIT ({XRECHNUNG}, CVD), after the EU vehicle categories",
        ("BT-158",),
        (Pick("xrechnung-cvd", "xrechnung-ubl", ("BR-DE-CVD-04",), None, r"[MN]\d"),),
        valid_from=XRECHNUNG_SINCE,
    ),
    Recipe(
        "cvd-vehicle-class",
        "How clean a vehicle is under the Clean Vehicles Directive",
        XRECHNUNG,
        f"KoSIT ({XRECHNUNG}, CVD)",
        ("BT-161",),
        (Pick("xrechnung-cvd", "xrechnung-ubl", ("BR-DE-CVD-05",)),),
        valid_from=XRECHNUNG_SINCE,
    ),
    Recipe(
        "greek-document-type",
        "Document type in the number of a Greek invoice (myDATA)",
        PEPPOL,
        f"AADE (myDATA), as used by {PEPPOL} for Greek sellers",
        ("BT-1",),
        (Pick("peppol-greece", "peppol", ("GR-R-001-5",), None, r"\d\.\d"),),
        valid_from=PEPPOL_SINCE,
    ),
)
