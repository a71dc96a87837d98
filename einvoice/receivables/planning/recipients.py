"""Whom a step reaches by which channel: roles, consent, channels left out, fallback."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from einvoice.receivables.actions import Message, Note
from einvoice.receivables.policy.model import Step
from einvoice.receivables.snapshot import Contact, DebtorSnapshot

SUBSTITUTES = {
    "accounts_payable": ("finance", "finance_responsible"),
    "finance": ("accounts_payable", "finance_responsible"),
    "finance_responsible": ("finance", "accounts_payable"),
    "cfo": ("finance_responsible", "finance"),
}
"""Who is written to where a debtor has no contact of a role; then the general contact, then the first."""
_COPIES = frozenset({"email"})


class Reached(NamedTuple):
    """The messages of a step (none where no channel reaches the debtor), and what an explanation says of them."""

    messages: tuple[Message, ...]
    notes: tuple[Note, ...]


class Wanted(NamedTuple):
    """The channels that a step asks for."""

    all_of: tuple[str, ...]
    any_of: tuple[str, ...]


def reach(step: Step, wanted: Wanted, debtor: DebtorSnapshot, allowed: Collection[str]) -> Reached:
    """One message for each channel of `all_of`, one for `any_of`; a fallback channel of the step for each that reaches nobody."""
    notes: list[Note] = []
    taken: dict[str, Contact] = {}
    later = [channel for channel in (*wanted.any_of, *step.fallback) if channel in allowed]
    missed = [channel for channel in wanted.all_of if not _take(channel, step.to, debtor, allowed, taken)]
    if wanted.any_of and not any(_take(channel, step.to, debtor, allowed, taken) for channel in wanted.any_of):
        missed.append(" or ".join(wanted.any_of))
    for channel in missed:
        instead = next((other for other in step.fallback if _take(other, step.to, debtor, allowed, taken)), None)
        notes.append(_missing(channel, instead))
    messages = tuple(_message(channel, contact, step, debtor, later, taken, notes) for channel, contact in taken.items())
    return Reached(messages, tuple(dict.fromkeys(notes)) if notes else ())


def _take(channel: str, role: str, debtor: DebtorSnapshot, allowed: Collection[str], taken: dict[str, Contact]) -> bool:
    """Whether a channel that is not taken yet reaches somebody; then it is."""
    if channel in taken or channel not in allowed:
        return False
    contact = contact_for(channel, role, debtor.contacts)
    if contact is not None:
        taken[channel] = contact
    return contact is not None


def contact_for(channel: str, role: str, contacts: Iterable[Contact]) -> Contact | None:
    """Who is reached by a channel: the role, else who stands in for it, else the general contact, else the first that has it."""
    able = [contact for contact in contacts if channel in contact.channels]
    if len(able) <= 1:
        return able[0] if able else None
    order = (role, *SUBSTITUTES.get(role, ()), "general")
    return min(able, key=lambda contact: order.index(contact.role) if contact.role in order else len(order), default=None)


def allowed_channels(debtor: DebtorSnapshot, wanted: Iterable[str], asks_consent: Collection[str], skipped: Collection[str]) -> set[str]:
    """The channels that consent and the step's exceptions leave: none withdrawn, and granted where the policy wants consent."""
    said = debtor.consents
    return {
        channel
        for channel in wanted
        if channel not in skipped and said.get(channel, True) and (channel not in asks_consent or said.get(channel, False))
    }


def _message(
    channel: str, contact: Contact, step: Step, debtor: DebtorSnapshot, later: list[str], taken: dict[str, Contact], notes: list[Note]
) -> Message:
    if contact.role != step.to:
        notes.append(Note("recipient", f"no contact {step.to} by {channel}; {contact.role} is addressed instead"))
    others = [other for other in dict.fromkeys(later) if other not in taken] if later else []
    instead = tuple(other for other in others if contact_for(other, step.to, debtor.contacts)) if others else ()
    return Message(channel, contact.id, contact.role, instead, _copies(channel, contact, step, debtor, notes) if step.cc else ())


def _copies(channel: str, contact: Contact, step: Step, debtor: DebtorSnapshot, notes: list[Note]) -> tuple[int, ...]:
    """The contacts that get a copy of an e-mail, by role; a role that nobody has is noted."""
    if channel not in _COPIES:
        return ()
    found = []
    for role in step.cc:
        copy = next((one for one in debtor.contacts if one.role == role and channel in one.channels), None)
        if copy is None:
            notes.append(Note("no-copy", f"no contact {role} by {channel}: no copy"))
        elif copy.id != contact.id and copy.id not in found:
            found.append(copy.id)
    return tuple(found)


def _missing(channel: str, instead: str | None) -> Note:
    return Note("channel", f"{channel} is no way to reach this debtor; " + (f"{instead} instead" if instead else "left out"))
