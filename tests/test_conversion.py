"""Conversion between syntaxes and profiles: what is kept, what is lost and listed."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest

from einvoice.conversion import convert
from einvoice.errors import SettingsError
from einvoice.formats import structure
from einvoice.formats.detect import detect
from einvoice.formats.guard import parse
from einvoice.formats.reader import read
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.model import Invoice, Item, Line, ThirdPartyPayment
from einvoice.samples import sample

PROFILES = ("en16931", "peppol", "xrechnung", "nlcius")


def extended() -> Invoice:
    """The sample with lines within a line and a payment of a third party."""
    own = sample()
    inner = Line(identifier="1.1", item=Item(name="half"), lines=(Line(identifier="1.1.1", item=Item(name="quarter")),))
    first = own.lines[0].model_copy(update={"lines": (inner,)})
    paid = ThirdPartyPayment(type="PARK", amount=Decimal("2.00"), description="Parking")
    return own.model_copy(update={"lines": (first, *own.lines[1:]), "third_party_payments": (paid,)})


@pytest.mark.parametrize("syntax", list(Syntax))
@pytest.mark.parametrize("credit_note", [False, True])
def test_every_term_survives_the_way_there_and_back(syntax: Syntax, credit_note: bool) -> None:
    own = sample(credit_note=credit_note)
    there = convert(own, syntax)
    assert there.losses == ()
    assert read(there.data) == own


@pytest.mark.parametrize(("source", "target"), [*permutations(PROFILES, 2)])
@pytest.mark.parametrize("syntax", list(Syntax))
def test_profiles_change_the_specification_and_nothing_else(source: str, target: str, syntax: Syntax) -> None:
    document = write(sample(), Syntax.UBL, profile=source)
    converted = convert(document, syntax, profile=target)
    assert converted.losses == ()
    assert detect(converted.data).profile == target
    assert structure.check(parse(converted.data).root) == ()
    assert read(converted.data).model_copy(update={"process": None}) == sample().model_copy(update={"process": None})


def test_without_a_profile_the_document_keeps_its_own() -> None:
    assert detect(convert(write(sample(), Syntax.UBL), Syntax.CII).data).specification == detect(write(sample(), Syntax.UBL)).specification


def test_an_unknown_profile_is_an_error() -> None:
    with pytest.raises(SettingsError):
        convert(sample(), Syntax.UBL, profile="pepol")


def test_what_is_unread_is_lost_and_listed(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    more = b"<cbc:CopyIndicator>true</cbc:CopyIndicator><cbc:IssueDate>"
    path.write_bytes(write(sample(), Syntax.UBL).replace(b"<cbc:IssueDate>", more, 1))
    for document in (path, path.read_bytes(), read(path)):
        (loss,) = convert(document, Syntax.CII).losses
        assert (loss.term, loss.path, loss.value) == (None, "/Invoice/cbc:CopyIndicator", "true")


def test_what_only_the_extension_has_is_left_out_and_listed() -> None:
    converted = convert(extended(), Syntax.UBL, profile="peppol")
    assert [(loss.term, loss.path) for loss in converted.losses] == [
        ("BG-DEX-01", "lines[0].lines[0]"),
        ("BG-DEX-01", "lines[0].lines[0].lines[0]"),
        ("BG-DEX-09", "third_party_payments[0]"),
    ]
    assert read(converted.data) == sample()


def test_the_extension_keeps_what_it_has() -> None:
    converted = convert(extended(), Syntax.UBL, profile="xrechnung-extension")
    assert converted.losses == ()
    assert read(converted.data).lines[0].lines == extended().lines[0].lines


@pytest.mark.parametrize(("profile", "lost"), [("peppol", ["BT-3"]), ("en16931", [])])
def test_codes_that_the_profile_does_not_have_are_listed_and_stay(profile: str, lost: list[str]) -> None:
    converted = convert(sample().model_copy(update={"type_code": "325"}), Syntax.UBL, profile=profile)
    assert [loss.term for loss in converted.losses] == lost
    assert read(converted.data).type_code == "325"


def test_what_the_syntax_has_no_place_for_is_listed() -> None:
    own = sample()
    assert own.seller
    assert own.seller.contact
    contact = own.seller.contact.model_copy(update={"department": "Sales"})
    invoice = own.model_copy(update={"seller": own.seller.model_copy(update={"contact": contact})})
    assert [loss.path for loss in convert(invoice, Syntax.UBL).losses] == ["seller.contact.department"]
    assert convert(invoice, Syntax.CII).losses == ()
