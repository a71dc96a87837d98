"""Who is on the sheet: parties as blocks, the address for the window of a letter, the line of the sender above it, the delivery."""

from __future__ import annotations

from einvoice.model import Address, Buyer, Delivery, Invoice, Payee, Seller, TaxRepresentative
from einvoice.paths import fields
from einvoice.rendering.compose_pen import Pen, split, streets, town
from einvoice.rendering.labels import country
from einvoice.rendering.sheet import Block, Fact

LINES = 6
"""The most lines that the address field of a letter takes (DIN 5008)."""
ORIGINS = {
    "AT": ("de",), "BE": ("nl", "fr", "de"), "CH": ("de", "fr"), "DE": ("de",), "FR": ("fr",), "LI": ("de",), "LU": ("fr", "de"),
    "MC": ("fr",), "NL": ("nl",),
}  # fmt: skip
"""The languages of ours that the post of a country reads."""

Party = Seller | Buyer | Payee | TaxRepresentative


def parties(invoice: Invoice, pen: Pen) -> tuple[Block, ...]:
    """Everyone concerned: seller, buyer, payee, tax representative."""
    known = [("BG-4", invoice.seller), ("BG-7", invoice.buyer), ("BG-10", invoice.payee), ("BG-11", invoice.tax_representative)]
    return tuple(_party(term, party, pen) for term, party in known if party)


def _party(term: str, party: Party, pen: Pen) -> Block:
    trading = getattr(party, "trading_name", None)
    names = [line for name in (party.name, trading if trading != party.name else None) if name for line in split(name)]
    lines = (*names, *pen.address(getattr(party, "address", None)))
    facts = pen.facts(party, "name", "trading_name", short=True)
    return Block(pen.labels.term(term), term, lines, (*facts, *_contact(party, pen)))


def _contact(party: Party, pen: Pen) -> list[Fact]:
    contact = getattr(party, "contact", None)
    if contact is None:
        return []
    facts = pen.facts(contact, parts=fields(type(party))["contact"].parts, short=True)
    if contact.department:
        facts.insert(1, Fact(pen.labels.word("department"), " ".join(split(contact.department))))
    return facts


def delivery(given: Delivery | None, pen: Pen) -> Block | None:
    """Where to, when, or over which period."""
    if given is None:
        return None
    facts = pen.facts(given, "name")
    if given.period:
        facts.append(pen.fact("BG-14", pen.period(given.period)))
    return Block(pen.labels.term("BG-13"), "BG-13", (*split(given.name or ""), *pen.address(given.address)), tuple(facts))


def sender(invoice: Invoice, language: str) -> str:
    """The seller in one line, as it stands above the address in the window; with the country where the letter leaves it."""
    seller = invoice.seller
    if seller is None:
        return ""
    parts = split(seller.name or "")
    if seller.address:
        post = seller.address
        parts += [*streets(post), town(post), _abroad(post, _address(invoice.buyer), post, language)]
    return " · ".join(part for part in parts if part)


def recipient(invoice: Invoice, language: str) -> tuple[str, ...]:
    """The lines of the buyer's address for the window, six at most.

    The country stands last, in capitals, where the letter crosses a border, in the language of the country that it leaves or in one
    that is known internationally, English or French (UPU, Convention Manual, addressing of letter-post items).
    """
    buyer = invoice.buyer
    if buyer is None:
        return ()
    name, post = split(buyer.name or buyer.trading_name or ""), buyer.address
    if post is None:
        return tuple(name[:LINES])
    last = [part for part in (_place(post), _abroad(post, _address(invoice.seller), _address(invoice.seller), language)) if part]
    return (*[*name, *streets(post)][: LINES - len(last)], *last)


def _place(post: Address) -> str:
    """The town, where its post needs it with the state."""
    if post.country_code in {"AU", "CA", "US"} and post.subdivision:
        parts = (post.city, post.subdivision, post.post_code)
        return " ".join(" ".join(split(part)) for part in parts if part)
    return town(post)


def _address(party: Seller | Buyer | None) -> Address | None:
    return party.address if party else None


def _abroad(post: Address, other: Address | None, origin: Address | None, language: str) -> str:
    """The country of an address in capitals, "" where the other address is in the same or in none that is known."""
    if not post.country_code or other is None or not other.country_code or other.country_code == post.country_code:
        return ""
    known = ORIGINS.get(origin.country_code or "" if origin else "", ("en", "fr"))
    name = country(post.country_code, language if language in known else known[0])
    return (name or " ".join(split(post.country_code))).upper()
