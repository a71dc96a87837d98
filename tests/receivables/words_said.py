"""Every document in every firmness, voice, language and channel, and what is wrong with what it says."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from hypothesis import strategies as st

from einvoice.receivables.actions import Charge, Claimed
from einvoice.receivables.documents import plain, sample
from einvoice.receivables.documents.compose import content
from einvoice.receivables.documents.compose_papers import KINDS
from einvoice.receivables.documents.compose_spoken import LONGEST
from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.parties import Debt, Facts
from einvoice.receivables.documents.words import LANGUAGES, money, short_day, words
from einvoice.receivables.policy import default
from einvoice.receivables.policy.model import SEVERE

CHANNELS = ("email", "sms", "whatsapp", "letter", "registered_letter", "call", "computer_call", "peppol")
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
    "^{}\\[~]|€"
)
"""The characters of a short message that is not sent as UCS-2 (3GPP TS 23.038, 6.2.1, with its extension)."""
CONSEQUENCES = {
    "en": ("collection agency", "proceedings", "lawyer", "court", "further steps", "handed over"),
    "nl": ("incasso", "procedure", "advocaat", "rechter", "verdere stappen", "uit handen"),
    "de": ("inkasso", "gericht", "anwalt", "weitere schritte", "weiteren schritte", "übergeben"),
    "fr": ("recouvrement", "justice", "avocat", "tribunal", "autres démarches", "autre démarche"),
}
"""What a message that is not firm may not speak of."""


class Way(NamedTuple):
    """One way to say it; firmness -1 is before the due date."""

    document: str
    firmness: int
    voice: str | None
    language: str
    channel: str


def voices() -> tuple[str | None, ...]:
    """None, every voice that has words, and those that the default policy combines."""
    policy = default()
    asked = {step.voice for flow in policy.flows.values() for step in flow.steps} | {step.voice for step in policy.prelude}
    return (None, *sorted({*words("en").texts["voice"], *(voice for voice in asked if voice)}))


def ways() -> Iterator[Way]:
    """Every document of an action, in every way."""
    for document in ("reminder", *sorted(SEVERE)):
        for firmness, voice, language, channel in product(range(-1, 5), voices(), LANGUAGES, CHANNELS):
            yield Way(document, firmness, voice, language, channel)


def papers() -> Iterator[Way]:
    """Every document that is no action's."""
    for kind, voice, language, channel in product(KINDS, voices(), LANGUAGES, CHANNELS):
        yield Way(kind, 0, voice, language, channel)


def facts(way: Way) -> Facts:
    """Sample facts for a way, with all that was agreed before."""
    offset = -1 if way.firmness < 0 else 10
    made = sample.facts(way.document, max(way.firmness, 0), way.language, voice=way.voice, offset=offset)
    before = sample.AGREEMENTS if "humour" not in (way.voice or "") else sample.AGREEMENTS[:1]  # who disputed anything hears no joke
    return made._replace(agreements=before)


def said(way: Way) -> Content:
    """What is said in a way."""
    if way.document in KINDS:
        return sample.paper(way.document, sample.party(way.language), voice=way.voice, channel=way.channel)
    return content(facts(way), way.channel, sample.KEY)


def wrong(made: Content, about: Facts) -> Iterator[str]:
    """What is wrong with a document of an action: every number, amount, day and place to pay is to be there, and no brace."""
    language, currency = made.language, about.action.currency
    text = plain.text(made)
    total = money(sum((debt.amount + debt.charges for debt in about.debts), Decimal(0)), currency, language)
    for debt in about.debts:
        named = (debt.number, debt.reference or debt.number, money(debt.amount, currency, language))
        days = (short_day(debt.issued, language), short_day(debt.due, language))
        yield from (f"{part!r} is not in the text" for part in (*named, *days) if part not in text)
    if made.table is None or made.table.lines[-1].cells[-1] != total:
        yield "the table does not end in the total"
    yield from _everywhere(made, about, total)
    yield from common(made)


def _everywhere(made: Content, about: Facts, total: str) -> Iterator[str]:
    short = total.replace("\u00a0", " ").replace("\u202f", " ")
    for name, text in (("subject", made.subject), ("short", made.short), ("spoken", made.spoken), ("script", made.script)):
        if name in ("short", "spoken") and short not in text:
            yield f"{name} does not state {short}"
        if name == "script" and total not in text:
            yield f"{name} does not state {total}"
    if about.debts[0].number not in made.short or (about.pay and about.pay not in made.short):
        yield "the short message lacks number or link"
    if not all(f" {key}" in made.spoken for key in "1234"):
        yield "the call lacks a key"
    if made.transfer is None or str(about.creditor["iban"]) != made.transfer.iban.replace(" ", ""):
        yield "no account"


def common(made: Content) -> Iterator[str]:
    """What is wrong with any document: braces, an empty part, a subject of several lines, a short message that is too long."""
    parts = {
        "text": plain.text(made),
        "subject": made.subject,
        "short": made.short,
        "spoken": made.spoken,
        "script": made.script,
        "check": made.check,
    }
    yield from (f"{name} has braces" for name, text in parts.items() if "{" in text or "}" in text)
    yield from (f"{name} is empty" for name, text in parts.items() if not text.strip())
    if "\n" in made.subject or not (made.subject[:1].isupper() or made.subject[:1].isdigit()):
        yield "the subject is no line that begins with a capital"
    if len(made.short) > LONGEST or "\n" in made.short:
        yield f"the short message has {len(made.short)} characters"
    if made.code not in made.check or made.code not in made.short:
        yield "the check code is missing"


AMOUNTS = st.decimals("0.01", "9999999.99", places=2)
NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp"), exclude_characters="{}"), min_size=1, max_size=60
)


@st.composite
def owed(draw: st.DrawFn) -> Facts:
    """Facts of any message: names of any length and alphabet, one to thirty invoices, with and without links, interest, agreements."""
    count = draw(st.integers(1, 30))
    debts = tuple(
        Debt(
            f"2026-{number:05}", sample.DAY, sample.DUE, draw(AMOUNTS), draw(st.sampled_from([Decimal(0), Decimal("3.50")])), None, "Coffee"
        )
        for number in range(count)
    )
    way = draw(
        st.builds(
            Way,
            st.sampled_from(["reminder", *sorted(SEVERE)]),
            st.integers(-1, 4),
            st.sampled_from(voices()),
            st.sampled_from(LANGUAGES),
            st.sampled_from(CHANNELS),
        )
    )
    made = facts(way)
    invoices = tuple(Claimed(number, debt.number, debt.due, debt.amount, debt.charges) for number, debt in enumerate(debts))
    charges = tuple(Charge(number, "interest", debt.charges, until=sample.DAY) for number, debt in enumerate(debts) if debt.charges)
    creditor = {**sample.CREDITOR, "name": draw(NAMES.filter(str.strip))}
    return made._replace(
        action=made.action._replace(invoices=invoices, charges=charges, messages=()),
        debts=debts,
        creditor=creditor,
        name=draw(NAMES.filter(str.strip)),
        pay=draw(st.sampled_from([None, sample.PAY])),
        portal=draw(st.sampled_from([None, sample.PORTAL])),
    )
