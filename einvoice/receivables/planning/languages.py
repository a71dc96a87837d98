"""The language of an action: what the step asks for, else what the contact, the debtor or the creditor speaks, of those we write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from einvoice.receivables.actions import Message
from einvoice.receivables.documents.words import LANGUAGES
from einvoice.receivables.policy.model import Step
from einvoice.receivables.snapshot import DebtorSnapshot

PARTY = "party.lang"


def language(step: Step, debtor: DebtorSnapshot, messages: Sequence[Message]) -> str:
    """Two small letters: the first wanted language that documents are written in, English where none is."""
    return next((short for each in _wanted(step, debtor, messages) if (short := each.lower()[:2]) in LANGUAGES), "en")


def _wanted(step: Step, debtor: DebtorSnapshot, messages: Sequence[Message]) -> Iterator[str]:
    for each in step.lang or (PARTY,):
        if each == PARTY:
            yield from _spoken(debtor, messages)
        else:
            yield each
    yield debtor.creditor.language


def _spoken(debtor: DebtorSnapshot, messages: Sequence[Message]) -> Iterator[str]:
    """What the contact that is addressed speaks, then the debtor."""
    addressed = messages[0].contact if messages else None
    yield from (contact.language for contact in debtor.contacts if contact.id == addressed and contact.language)
    if debtor.language:
        yield debtor.language
