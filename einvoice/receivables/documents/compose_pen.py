"""What sentences are written with: the words of a language, a voice, and the placeholders that have something to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from einvoice.receivables.documents.codes import code
from einvoice.receivables.documents.parties import Debt, Missing, Party, postal
from einvoice.receivables.documents.templates import Templates, load
from einvoice.receivables.documents.words import Sentence, Words, day, money, short_day, spoken

Value = str | Callable[[], str]

WHERE = {
    "announced": "the amount of costs that the law wants announced",
    "bic": "the creditor's BIC (einvoice receivables creditor)",
    "creditor": "the creditor's name",
    "creditor_id": "the creditor identifier of SEPA direct debit (einvoice receivables creditor)",
    "debtor": "the debtor's name",
    "email": "the creditor's e-mail address (einvoice receivables creditor)",
    "iban": "the creditor's IBAN (einvoice receivables creditor)",
    "legal_id": "the creditor's enterprise number (einvoice receivables creditor)",
    "link": "a link to pay or to the portal ([hooks] url or [receivables] portal_url in einvoice.toml)",
    "name": "the debtor's name",
    "pay_link": "the address of the pages to pay ([hooks] url in einvoice.toml)",
    "phone": "the creditor's telephone number (einvoice receivables creditor)",
    "portal_link": "the address of the portal ([receivables] portal_url in einvoice.toml)",
    "reach": "the creditor's e-mail address or telephone number (einvoice receivables creditor)",
}
"""What a placeholder that has nothing to say lacks, and where it is filled in."""


class Pen:
    """Writes sentences; `fields` are what every sentence may name."""

    __slots__ = ("currency", "fields", "language", "template", "voice", "words")

    def __init__(self, templates: Templates | None, language: str, voice: str | None, currency: str, fields: dict[str, str]) -> None:
        found = templates or load(None)
        self.language = spoken(language)
        self.words: Words = found.words[self.language]
        self.template = found.hashes[self.language]
        self.voice = voice
        self.currency = currency
        self.fields = fields

    def say(self, *path: str, **more: Value) -> str:
        """The sentence at a path. Raises Missing where there is none, or one of its placeholders has nothing to say."""
        found = self.words.sentence(path, self.voice)
        if found is None:
            raise Missing(f"the sentence {'.'.join(path)} of words/{self.language}.toml", "this message")
        return self.filled(found, ".".join(path), more)

    def maybe(self, *path: str, **more: Value) -> str | None:
        """The sentence at a path, None where there is none."""
        return self.say(*path, **more) if self.words.sentence(path, self.voice) else None

    def own(self, *path: str) -> list[str]:
        """What the voice says at a path besides the base."""
        return [self.filled(each, ".".join(path)) for each in self.words.own(path, self.voice)]

    def filled(self, sentence: Sentence, what: str, more: Mapping[str, Value] | None = None) -> str:
        """A sentence with its placeholders."""
        values: Mapping[str, Value] = {**self.fields, **more} if more else self.fields
        for field, other in sentence.instead:
            if not values.get(field):
                sentence = other
                break
        return (
            sentence.text.format_map({field: _value(values, field, what) for field in sentence.fields})
            if sentence.fields
            else sentence.text
        )

    def money(self, amount: Decimal) -> str:
        """An amount in the document's currency."""
        return money(amount, self.currency, self.language)

    def day(self, when: date) -> str:
        """A day, in a sentence."""
        return day(when, self.language)

    def short_day(self, when: date) -> str:
        """A day, in a table."""
        return short_day(when, self.language)


def _value(values: Mapping[str, Value], field: str, what: str) -> str:
    value = values.get(field)
    if not value:
        raise Missing(WHERE.get(field, f"{{{field}}}"), what)
    return value if isinstance(value, str) else value()


def pen(party: Party, key: str, voice: str | None = None) -> Pen:
    """A pen for a party, with the fields that say who writes to whom; `key` is what the check code is derived from."""
    creditor = party.creditor
    secret = creditor.get("secret")
    fields = {
        "creditor": _flat(creditor.get("name")),
        "legal_id": _flat(creditor.get("legal_id")),
        "phone": _flat(creditor.get("phone")),
        "email": _flat(creditor.get("email")),
        "reach": ", ".join(_flat(creditor[way]) for way in ("email", "phone") if creditor.get(way)),
        "iban": spaced(str(creditor.get("iban") or "")),
        "bic": _flat(creditor.get("bic")),
        "debtor": _flat(party.debtor),
        "name": _flat(party.name),
        "first_name": _flat(party.first_name or party.name),
        "pay_link": party.pay or "",
        "portal_link": party.portal or "",
        "link": party.pay or party.portal or "",
        "code": code(str(secret), key) if secret and key else "",
    }
    return Pen(party.templates, party.language, voice, party.currency, fields)


def name_debts(made: Pen, debts: Sequence[Debt]) -> None:
    """Adds what the invoices are called to the fields of a pen."""
    numbers = [debt.number for debt in debts]
    fields = made.fields
    fields["number"] = ", ".join(numbers)
    fields["reference"] = ", ".join(debt.reference or debt.number for debt in debts)
    fields["due"] = made.day(min(debt.due for debt in debts)) if debts else ""
    fields["about"] = made.say("about", "one" if len(numbers) == 1 else "many", count=str(len(numbers))) if numbers else ""


def listed(made: Pen, debts: Sequence[Debt], most: int | None = None) -> str:
    """The invoices with their numbers, `most` of them: for who sees no table."""
    if len(debts) == 1:
        return made.fields["about"]
    shown = ", ".join(debt.number for debt in debts[:most])
    return made.say("about", "listed", count=str(len(debts)), number=shown if most is None or most >= len(debts) else f"{shown}, ...")


def signature(creditor: Mapping[str, Any]) -> tuple[str, ...]:
    """The creditor's name, address, number and how it is reached, a line each."""
    ways = (creditor.get("name"), *postal(creditor.get("address")), creditor.get("legal_id"), creditor.get("email"), creditor.get("phone"))
    return tuple(str(way) for way in ways if way)


def spaced(iban: str) -> str:
    """An IBAN in groups of four."""
    bare = iban.replace(" ", "")
    return " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))


def _flat(value: object) -> str:
    return " ".join(str(value).split()) if value else ""
