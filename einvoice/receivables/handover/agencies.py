"""Who takes a hand-over: an agency or legal team of the settings, by what it takes and for which countries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from einvoice.settings.providers import Agency

ALSO: Mapping[str, tuple[str, ...]] = {
    "legal_or_collection": ("legal_team", "collection_agency"),
    "international_collection_agency": ("collection_agency",),
}
"""What else will do where nobody takes exactly this hand-over."""


def agency_of(agencies: Sequence[Agency], handover: str, country: str) -> Agency | None:
    """Who takes a hand-over about a debtor of a country; None where nobody does.

    One that names the country comes before a general one, one that names the hand-over before one that takes all; then the order of the
    settings. An international hand-over to somebody who only takes national ones needs the country named.
    """
    able = [(rank, place, agency) for place, agency in enumerate(agencies) if (rank := _rank(agency, handover, country)) is not None]
    return min(able, key=lambda one: one[:2])[2] if able else None


def _rank(agency: Agency, handover: str, country: str) -> tuple[bool, int] | None:
    named = {one.upper() for one in agency.countries}
    if named and country.upper() not in named:
        return None
    if handover in agency.takes:
        fits = 0
    elif any(other in agency.takes for other in ALSO.get(handover, ())) and (named or not handover.startswith("international")):
        fits = 1
    elif not agency.takes:
        fits = 2
    else:
        return None
    return not named, fits
