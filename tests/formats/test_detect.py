"""Detection: syntax, document and profile of every published invoice, and of ids that are known by name only."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from einvoice.errors import DocumentError, UnknownFormat
from einvoice.formats.detect import Detected, detect, detect_root
from einvoice.formats.guard import parse
from einvoice.formats.syntax import Document, Syntax
from einvoice_schemas.profiles import by_specification, profile, profiles
from tests.formats.unsafe import BODY, CII, DATA, UBL, sbdh

BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
NORM = "urn:cen.eu:en16931:2017"


def test_our_own_documents() -> None:
    peppol = f"{NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
    assert detect(UBL) == Detected(Syntax.UBL, Document.UBL_INVOICE, "peppol", peppol, BILLING)
    assert detect(CII) == Detected(Syntax.CII, Document.CII, "en16931", NORM, BILLING)
    assert detect(DATA / "ubl-creditnote.xml").document is Document.UBL_CREDIT_NOTE
    assert detect(sbdh(BODY.partition("-->")[2])).wrapped == "sbdh"


def test_white_space_and_comments_do_not_count() -> None:
    odd = UBL.replace(b"<cbc:ProfileID>", b"<cbc:ProfileID>\n\t<!-- x -->").replace(b"billing:3.0<", b"bill<?x y?>ing<!---->:3.0 \r\n<")
    assert detect(odd) == detect(UBL)


def test_what_is_missing_is_none() -> None:
    bare = b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>'
    assert detect(bare) == Detected(Syntax.UBL, Document.UBL_INVOICE, None, None, None)
    empty = UBL.replace(BILLING.encode(), b" ")
    assert detect(empty).process is None


def test_an_order_is_not_detected() -> None:
    with pytest.raises(UnknownFormat):
        detect(b'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>')


@pytest.mark.parametrize(
    ("specification", "name"),
    [
        (NORM, "en16931"),
        (f"\n {NORM} ", "en16931"),
        (f"{NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0#compliant#urn:www.difi.no:ehf:ver3.0", "peppol"),
        (f"{NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0", "peppol-selfbilling"),
        (f"{NORM}#compliant#urn:xoev-de:kosit:standard:xrechnung_1.2", "xrechnung"),
        (
            f"{NORM}#compliant#urn:xoev-de:kosit:standard:xrechnung_2.3#conformant#urn:xoev-de:kosit:extension:xrechnung_2.3",
            "xrechnung-extension",
        ),
        (f"{NORM}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0#compliant#urn:xeinkauf.de:kosit:xrechnung:cvd_1.0", "xrechnung-cvd"),
        ("urn:zugferd.de:2p0:minimum", "facturx-minimum"),
        (f"{NORM}#compliant#urn:zugferd.de:2p0:basic", "facturx-basic"),
        (f"{NORM}#conformant#urn:zugferd.de:2p0:extended", "facturx-extended"),
        (
            f"{NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0#conformant#urn:fdc:anskaffelser.no:2019:ehf:reminder:3.0",
            "ehf-reminder",
        ),
        ("urn:peppol:pint:billing-1@jp-1", "pint"),
        (f"{NORM}#Conformant#urn:UBL.BE:1.0.0.20180214", "ublbe"),
        (f"{NORM}#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr", "ctc-fr"),
        ("urn:www.cenbii.eu:transaction:biitrns010:ver2.0:extended:urn:www.peppol.eu:bis:peppol4a:ver2.0", "cen-bii"),
        (f"{NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.01", None),
        (f"{NORM.upper()}", None),
        ("urn:example:own", None),
        ("x" * 100_000, None),
        ("", None),
        (None, None),
    ],
)
def test_a_specification_leads_to_its_profile(specification: str | None, name: str | None) -> None:
    found = by_specification(specification)
    assert (found.name if found else None) == name


def test_every_profile_is_found_by_what_it_writes() -> None:
    shared = {"facturx-en16931": "en16931"}  # the same BT-24
    for name, item in profiles().items():
        if item.specification:
            found = by_specification(item.specification, item.process)
            assert found is not None
            assert found.name == shared.get(name, name)
        assert item.layers[0] == "structure"
        assert item.source
        assert item.specification or item.also


def test_the_profiles_of_the_public_face_are_supported() -> None:
    face = "en16931 peppol peppol-selfbilling xrechnung xrechnung-extension nlcius".split()
    levels = "minimum basicwl basic en16931 extended".split()
    assert all(profile(name).supported for name in [*face, *(f"facturx-{level}" for level in levels)])


def test_an_unknown_profile_names_the_nearest() -> None:
    with pytest.raises(KeyError, match="xrechnung"):
        profile("xrechnug")


def test_every_published_invoice_is_named_as_its_publisher_names_it(corpora: Path) -> None:
    ours = {"peppol-selfbilling": "peppol-sb", "xrechnung-extension": "xrechnung", "xrechnung-cvd": "xrechnung", None: "none"}
    named = {item for item in profiles() if profiles()[item].supported} | {"ublbe", "cius-ro", None}
    wrong = []
    for listing in corpora.glob("*/verdicts.jsonl"):
        for row in map(json.loads, listing.read_text("utf-8").splitlines()[::7]):
            try:
                found = detect(listing.parent / row["file"])
            except DocumentError:
                continue
            same = found.specification == (row["customization"] or None) and found.process == (row["profile"] or None)
            expected = ours.get(found.profile, found.profile) if found.profile in named and row["cius"] != "other" else row["cius"]
            if not same or expected != row["cius"]:
                wrong.append((row["file"], row["cius"], found))
    assert wrong == []


def test_detection_costs_little() -> None:
    for data in (UBL, CII):
        root = parse(data).root
        started = time.perf_counter()
        for _ in range(1_000):
            detect_root(root)
        assert (time.perf_counter() - started) / 1_000 < 0.000_1  # ten times what it takes, for a busy machine
