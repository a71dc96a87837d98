"""Plain texts of reminders, letters and hand-overs: the same facts, the same bytes.

A field that a text needs and that is missing raises `Missing`, which names it and where it is filled in: of that debtor only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from string import Formatter
from typing import Any, NamedTuple

from einvoice.receivables.actions import Action, Charge
from einvoice.receivables.documents.parties import Debt, Facts, Missing, postal
from einvoice.receivables.documents.words import Words, day, money, spoken, words

__all__ = ["Debt", "Document", "Facts", "Missing", "composed", "dossier", "postal"]

VERSION = "plain/1"
_POSTED = frozenset({"letter", "registered_letter"})


class Document(NamedTuple):
    """A finished text; `template` is the SHA-256 of the words it was made of, `hash` that of what it says."""

    subject: str
    text: str
    language: str
    template: str

    @property
    def hash(self) -> str:
        """SHA-256 of subject and text."""
        return hashlib.sha256(f"{self.subject}\n\n{self.text}".encode()).hexdigest()


def composed(facts: Facts, channel: str) -> Document:
    """The text of a message by a channel.

    Raises Missing.
    """
    found = words(spoken(facts.action.language))
    fields = _fields(facts, found, channel)
    parts = [*_parts(facts, found, fields)]
    subject = _filled(_chosen(facts.action, found.texts["subject"]), fields, "subject")
    return Document(subject[:1].upper() + subject[1:], "\n\n".join(parts) + "\n", found.language, template(found))


def template(found: Words) -> str:
    """SHA-256 of what the texts of a language are made of."""
    return hashlib.sha256(f"{VERSION} {found.hash}".encode()).hexdigest()


def _parts(facts: Facts, found: Words, fields: Mapping[str, str]) -> Iterator[str]:
    """The paragraphs, from greeting to signature."""
    action, texts = facts.action, found.texts
    yield _filled(texts["greeting"], fields, "greeting")
    yield _filled(_chosen(action, texts["opening"]), fields, "opening")
    yield "\n".join(_table(facts, found))
    if action.notice:
        yield _notice(facts, found, fields, action.notice)
    for content in action.contents:
        if content in texts["contents"] and (content != "paylink" or facts.portal):
            yield _filled(texts["contents"][content], fields, content)
    yield _filled(texts["payment_bic" if facts.creditor.get("bic") else "payment"], fields, "payment")
    yield _filled(texts["contact"], fields, "contact")
    yield "\n".join([texts["closing"], *_signature(facts.creditor)])


def _chosen(action: Action, texts: Mapping[str, str]) -> str:
    """The text for a document, or for the firmness of a reminder."""
    if action.document in texts:
        return texts[action.document]
    return texts["before" if action.offset < 0 else str(min(max(action.firmness, 0), 4))]


def _fields(facts: Facts, found: Words, channel: str) -> dict[str, str]:
    action, creditor, language = facts.action, facts.creditor, found.language
    numbers = [debt.number for debt in facts.debts]
    about = found.texts["about"]["one" if len(numbers) == 1 else "many"].format(number=numbers[0], count=len(numbers))
    return {
        "about": about,
        "name": facts.name,
        "creditor": str(creditor.get("name") or ""),
        "legal_id": str(creditor.get("legal_id") or ""),
        "phone": str(creditor.get("phone") or ""),
        "reach": ", ".join(str(creditor[way]) for way in ("email", "phone") if creditor.get(way)),
        "iban": _spaced(str(creditor.get("iban") or "")),
        "bic": str(creditor.get("bic") or ""),
        "portal": facts.portal or "",
        "total": money(_total(facts.debts), action.currency, language),
        "principal": money(sum((debt.amount for debt in facts.debts), Decimal(0)), action.currency, language),
        "reference": ", ".join(debt.reference or debt.number for debt in facts.debts),
        "starts": found.texts["starts"]["post" if channel in _POSTED else "email"],
    }


def _notice(facts: Facts, found: Words, fields: Mapping[str, str], notice: str) -> str:
    """A statutory notice, with everything that the law wants in it."""
    if notice == "be-free-reminder" and not facts.action.announces:
        notice = "be-free-reminder-without-clause"  # without a contract term nothing may be claimed later, so nothing is announced
    text = found.texts["notice"].get(notice)
    if text is None:
        raise Missing(f"the text of the notice {notice}", "this message")
    more = {"announced": _announced(facts, found)}
    if "{description}" in text:
        more["description"] = "; ".join(_described(debt, found, notice) for debt in facts.debts)
    return _filled(text, {**fields, **more}, notice)


def _announced(facts: Facts, found: Words) -> str:
    """The costs that will be owed, to the cent; empty where none are announced."""
    announces, currency = facts.action.announces, facts.action.currency
    if not announces:
        return ""
    vat = sum((charge.vat for charge in announces), Decimal(0))
    amount = money(sum((charge.amount for charge in announces), vat), currency, found.language)
    return str(found.texts["announced_vat"]).format(amount=amount, vat=money(vat, currency, found.language)) if vat else amount


def _described(debt: Debt, found: Words, notice: str) -> str:
    if not debt.what:
        raise Missing(f"what was bought (product or category) of invoice {debt.number}", notice)
    fields = {"what": debt.what, "number": debt.number, "issued": day(debt.issued, found.language), "due": day(debt.due, found.language)}
    return str(found.texts["description"]).format(**fields)


def _table(facts: Facts, found: Words) -> list[str]:
    """The invoices, then interest and costs, then the total: columns of text, amounts on the right."""
    currency, language = facts.action.currency, found.language
    rows = [(debt.number, debt.issued.isoformat(), debt.due.isoformat(), money(debt.amount, currency, language)) for debt in facts.debts]
    wide = [max(map(len, column)) for column in zip(found.texts["columns"], *rows, strict=True)]
    lines = [_row(row, wide) for row in (found.texts["columns"], *rows)]
    added = [*_charges(facts, found)]
    label = max([sum(wide[:3]) + 4, *(len(text) for text, _ in added), len(found.texts["total"])])
    total = (found.texts["total"], money(_total(facts.debts), currency, language))
    return [*lines, "", *(f"{text:<{label}}  {amount:>{wide[3]}}" for text, amount in (*added, total))]


def _row(row: Sequence[str], wide: Sequence[int]) -> str:
    return "  ".join([*(f"{cell:<{width}}" for cell, width in zip(row[:3], wide[:3], strict=True)), f"{row[3]:>{wide[3]}}"])


def _charges(facts: Facts, found: Words) -> Iterator[tuple[str, str]]:
    """Interest and costs: what was claimed before, then what is new."""
    currency, language, texts = facts.action.currency, found.language, found.texts["charge"]
    numbers = {claimed.invoice: claimed.number for claimed in facts.action.invoices}
    for claimed in facts.action.invoices:
        new = sum((charge.amount + charge.vat for charge in facts.action.charges if charge.invoice == claimed.invoice), Decimal(0))
        if claimed.charges != new:
            yield texts["earlier"].format(number=claimed.number), money(claimed.charges - new, currency, language)
    for charge in facts.action.charges:
        yield _charge(charge, texts, numbers[charge.invoice], language), money(charge.amount, currency, language)
        if charge.vat:
            yield found.texts["vat"], money(charge.vat, currency, language)


def _charge(charge: Charge, texts: Mapping[str, str], number: str, language: str) -> str:
    return texts[charge.kind].format(number=number, until=day(charge.until, language) if charge.until else "")


def _total(debts: Sequence[Debt]) -> Decimal:
    return sum((debt.amount + debt.charges for debt in debts), Decimal(0))


def _signature(creditor: Mapping[str, Any]) -> list[str]:
    ways = (creditor.get("name"), *postal(creditor.get("address")), creditor.get("legal_id"), creditor.get("email"), creditor.get("phone"))
    return [str(way) for way in ways if way]


def _spaced(iban: str) -> str:
    """An IBAN in groups of four."""
    bare = iban.replace(" ", "")
    return " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))


def _filled(text: str, fields: Mapping[str, str], what: str) -> str:
    """A text with its fields; each that it names must be there."""
    for _, field, _, _ in Formatter().parse(text):
        if field and not fields.get(field):
            raise Missing(_WHERE.get(field, field), what)
    return text.format(**fields)


_WHERE = {
    "announced": "the amount of costs that the law wants announced",
    "creditor": "the creditor's name",
    "iban": "the creditor's IBAN (einvoice receivables creditor)",
    "legal_id": "the creditor's enterprise number (einvoice receivables creditor)",
    "phone": "the creditor's telephone number (einvoice receivables creditor)",
    "reach": "the creditor's e-mail address or telephone number (einvoice receivables creditor)",
    "name": "the debtor's name",
}


def dossier(facts: Facts, history: Sequence[str]) -> Document:
    """The text that goes with a hand-over: who, what is claimed and how it was computed, what was done, why.

    Raises Missing.
    """
    found = words(spoken(str(facts.creditor.get("language") or "en")))
    texts, action = found.texts["handover"], facts.action
    title = texts["title"].format(handover=action.handover or "", debtor=facts.debtor)
    computed = [f"  {line}" for charge in action.charges for line in charge.lines]
    parts = [
        [title],
        [f"{texts['creditor']}:", *(f"  {line}" for line in _signature(facts.creditor))],
        [f"{texts['debtor']}:", f"  {facts.debtor}"],
        [f"{texts['claim']}:", *(f"  {line}" if line else "" for line in _table(facts, found)), *computed],
        [f"{texts['history']}:", *(f"  {line}" for line in history)],
        [f"{texts['why']}:", f"  {action.why.step}", f"  {action.why.because}"],
    ]
    return Document(title, "\n\n".join("\n".join(part) for part in parts) + "\n", found.language, template(found))
