"""The address for the window of a letter and the line of the sender above it."""

from __future__ import annotations

import pytest

from einvoice.model import Address, Buyer, Invoice, Seller
from einvoice.rendering.compose import sheet


def letter(origin: str | None, destination: str | None, language: str = "en", **more: str) -> tuple[str, tuple[str, ...]]:
    """The sender's line and the recipient's lines."""
    seller = Seller(name="Korn GmbH", address=Address(line_1="Weg 1", city="Mainz", post_code="55116", country_code=origin))
    buyer = Buyer(
        name="Élan", address=Address(**{"line_1": "Rue 7", "city": "Namur", "post_code": "5000", "country_code": destination} | more)
    )
    made = sheet(Invoice(seller=seller, buyer=buyer), language)
    return made.sender, made.recipient


def test_within_a_country_no_country_stands() -> None:
    assert letter("BE", "BE") == ("Korn GmbH · Weg 1 · 55116 Mainz", ("Élan", "Rue 7", "5000 Namur"))
    assert letter(None, "BE")[1] == letter("BE", None)[1] == ("Élan", "Rue 7", "5000 Namur")


@pytest.mark.parametrize(
    ("origin", "language", "country"),
    [
        ("DE", "fr", "BELGIEN"),
        ("AT", "en", "BELGIEN"),
        ("NL", "de", "BELGIË"),
        ("FR", "nl", "BELGIQUE"),
        ("LU", "nl", "BELGIQUE"),
        ("LU", "de", "BELGIEN"),
        ("CH", "fr", "BELGIQUE"),
        ("IT", "fr", "BELGIQUE"),
        ("IT", "de", "BELGIUM"),
    ],
)
def test_across_a_border_the_country_stands_last_in_capitals_as_the_post_of_its_origin_reads_it(
    origin: str, language: str, country: str
) -> None:
    sender, recipient = letter(origin, "BE", language)
    assert recipient == ("Élan", "Rue 7", "5000 Namur", country)
    assert sender.startswith("Korn GmbH · Weg 1 · 55116 Mainz · ")


def test_six_lines_at_most_town_and_country_always_among_them() -> None:
    recipient = letter("DE", "BE", line_1="1\n2\n3", line_2="4", line_3="5")[1]
    assert recipient == ("Élan", "1", "2", "3", "5000 Namur", "BELGIEN")


def test_the_town_is_written_in_the_order_of_its_country() -> None:
    assert letter("US", "US", city="Ames", post_code="50010", subdivision="IA")[1][-1] == "Ames IA 50010"
    assert letter("GB", "GB", city="London", post_code="SW1A 1AA")[1][-1] == "London SW1A 1AA"
    assert letter("IT", "IT", city="Roma", post_code="00184")[1][-1] == "00184 Roma"


def test_without_an_address_the_name_alone() -> None:
    assert sheet(Invoice(buyer=Buyer(name="Élan"))).recipient == ("Élan",)
    assert sheet(Invoice(seller=Seller(name="Korn"))).sender == "Korn"
