"""The two sides of a document: who is owed and who owes, with their identifiers and the schemes that these are of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple


class Side(NamedTuple):
    """A party: `endpoint` and `legal` are (value, scheme), the scheme of EAS and ISO 6523; `key` is the creditor's number of a debtor.

    `address` has street, street2, postcode, city, country.
    """

    name: str
    country: str
    address: Mapping[str, Any]
    endpoint: tuple[str, str] | None = None
    legal: tuple[str, str | None] | None = None
    vat: str | None = None
    key: str | None = None
    contact: str | None = None
    email: str | None = None
    phone: str | None = None


def of_creditor(creditor: Mapping[str, Any]) -> Side:
    """Who is owed, from the creditor's columns."""
    legal, vat, country = creditor.get("legal_id"), creditor.get("vat_id"), str(creditor["country"])
    return Side(
        str(creditor["name"]),
        country,
        creditor.get("address") or {},
        _endpoint(country, legal, vat, creditor.get("email")),
        _legal(country, legal),
        vat or None,
        None,
        None,
        creditor.get("email"),
        creditor.get("phone"),
    )


def of_debtor(debtor: Any, contact: Any | None = None) -> Side:
    """Who owes, from the debtor's row, and the contact that is written to."""
    told = _peppol(contact.peppol) if contact is not None and contact.peppol else None
    email = contact.email if contact is not None else None
    return Side(
        str(debtor.name),
        str(debtor.country),
        (contact.address if contact is not None else None) or {},
        told or _endpoint(debtor.country, debtor.legal_id, debtor.vat_id, email),
        _legal(debtor.country, debtor.legal_id),
        debtor.vat_id or None,
        str(debtor.key),
        contact.name if contact is not None else None,
        email,
        contact.phone if contact is not None else None,
    )


def _peppol(written: str) -> tuple[str, str] | None:
    """A participant's identifier such as 0192:987654321 as value and scheme."""
    scheme, colon, value = written.strip().removeprefix("iso6523-actorid-upis::").partition(":")
    return (value, scheme) if colon and value else None


def _endpoint(country: str, legal: str | None, vat: str | None, email: str | None) -> tuple[str, str] | None:
    """Where a party is reached on a network, by its legal identifier, its VAT identifier, else by mail (EM)."""
    known = schemes().get(country, {})
    if legal and "legal" in known:
        return bare(legal, country), known["legal"]
    if vat and "vat" in known:
        return "".join(vat.split()), known["vat"]
    return (email, "EM") if email else None


def _legal(country: str, legal: str | None) -> tuple[str, str | None] | None:
    scheme = schemes().get(country, {}).get("legal")
    return (bare(legal, country) if scheme else legal, scheme) if legal else None


def bare(legal: str, country: str) -> str:
    """A legal identifier without spaces, dots and the prefix of its country."""
    signs = "".join(sign for sign in legal if sign.isalnum())
    return signs[2:] if signs[:2] == country and signs[2:].isdigit() else signs


@cache
def schemes() -> Mapping[str, Mapping[str, str]]:
    """Which schemes a country's identifiers are of."""
    found: Mapping[str, Mapping[str, str]] = json.loads((Path(__file__).parent / "schemes.json").read_text("utf-8"))["countries"]
    return found
