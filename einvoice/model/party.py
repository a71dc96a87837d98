"""Who sells, buys, is paid and represents: BG-4 to BG-12, and addresses and contacts."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, model_validator

from einvoice.model.types import Code, Group, Identifier, Maybe, Text, term, terms


def _participant(value: object) -> Any:
    """Peppol's notation `0208:0123456749` as well as an Identifier."""
    if isinstance(value, str) and ":" in value:
        scheme, _, number = value.partition(":")
        return {"value": number, "scheme": scheme}
    return {"value": value} if isinstance(value, str) else value


def _identifier(value: object) -> Any:
    return {"value": value} if isinstance(value, str) else value


def _plain_first(identifiers: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
    """Identifiers without a scheme before those with one: CII keeps the two apart, so this order is the one both keep."""
    return tuple(sorted(identifiers, key=lambda identifier: identifier.scheme is not None))


ElectronicAddress = Annotated[Identifier, BeforeValidator(_participant)]
PartyIdentifier = Annotated[Identifier, BeforeValidator(_identifier)]


class Address(Group):
    """A postal address (BG-5, BG-8, BG-12, BG-15); `country_code` is ISO 3166-1 alpha-2."""

    line_1: Text | None = None
    line_2: Text | None = None
    line_3: Text | None = None
    city: Text | None = None
    post_code: Text | None = None
    subdivision: Text | None = None
    country_code: Code | None = None


class Contact(Group):
    """Whom to ask (BG-6, BG-9). `department` is the department name that CII may state beside the contact point.

    A department alone is the contact point.
    """

    point: Text | None = None
    department: Text | None = None
    telephone: Text | None = None
    email: Text | None = None

    @model_validator(mode="after")
    def _department_alone(self) -> Contact:
        if self.department is not None and self.point is None:
            self.__dict__.update(point=self.department, department=None)
        return self


class Seller(Group):
    """The party that supplies and claims the payment (BG-4)."""

    name: Text | None = term("BT-27")
    trading_name: Text | None = term("BT-28")
    identifiers: Annotated[tuple[PartyIdentifier, ...], AfterValidator(_plain_first)] = terms("BT-29", scheme="BT-29-1")
    legal_registration_identifier: PartyIdentifier | None = term("BT-30", scheme="BT-30-1")
    vat_identifier: Text | None = term("BT-31")
    tax_registration_identifier: PartyIdentifier | None = term("BT-32")
    additional_legal_information: Text | None = term("BT-33")
    electronic_address: ElectronicAddress | None = term("BT-34", scheme="BT-34-1")
    address: Maybe[Address] = term(
        "BG-5", line_1="BT-35", line_2="BT-36", line_3="BT-162", city="BT-37", post_code="BT-38", subdivision="BT-39", country_code="BT-40"
    )
    contact: Maybe[Contact] = term("BG-6", point="BT-41", telephone="BT-42", email="BT-43")


class Buyer(Group):
    """The party that is supplied and owes the payment (BG-7)."""

    name: Text | None = term("BT-44")
    trading_name: Text | None = term("BT-45")
    identifier: PartyIdentifier | None = term("BT-46", scheme="BT-46-1")
    legal_registration_identifier: PartyIdentifier | None = term("BT-47", scheme="BT-47-1")
    vat_identifier: Text | None = term("BT-48")
    electronic_address: ElectronicAddress | None = term("BT-49", scheme="BT-49-1")
    address: Maybe[Address] = term(
        "BG-8", line_1="BT-50", line_2="BT-51", line_3="BT-163", city="BT-52", post_code="BT-53", subdivision="BT-54", country_code="BT-55"
    )
    contact: Maybe[Contact] = term("BG-9", point="BT-56", telephone="BT-57", email="BT-58")


class Payee(Group):
    """Who receives the payment, where it is not the seller (BG-10)."""

    name: Text | None = term("BT-59")
    identifier: PartyIdentifier | None = term("BT-60", scheme="BT-60-1")
    legal_registration_identifier: PartyIdentifier | None = term("BT-61", scheme="BT-61-1")


class TaxRepresentative(Group):
    """Who answers for the seller's VAT (BG-11)."""

    name: Text | None = term("BT-62")
    vat_identifier: Text | None = term("BT-63")
    address: Maybe[Address] = term(
        "BG-12", line_1="BT-64", line_2="BT-65", line_3="BT-164", city="BT-66", post_code="BT-67", subdivision="BT-68", country_code="BT-69"
    )
