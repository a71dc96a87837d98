"""An action as what goes out: finished messages by the channels there are, and tasks for people.

A message whose channel this installation lacks goes by another that the step allows; where there is none, a person is asked to send
it. The same action gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from einvoice.errors import ReceivablesError
from einvoice.outbox import Effect
from einvoice.receivables import exports
from einvoice.receivables.actions import Action, Message
from einvoice.receivables.cases.tasks import Task
from einvoice.receivables.channels.installed import Means
from einvoice.receivables.channels.mime import Mailbox
from einvoice.receivables.documents import forms_effects, plain
from einvoice.receivables.documents.attached import Copies
from einvoice.receivables.documents.compose import content
from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.facts import Loaded, address, facts, reached
from einvoice.receivables.documents.forms_effects import Way
from einvoice.receivables.documents.parties import Facts, Missing, postal
from einvoice.receivables.documents.templates import load
from einvoice.receivables.documents.words import day, money, spoken, words

OWNER = "receivables"
HandOver = Callable[[Action, str], Effect | Task]
"""Who makes a hand-over of an action and its key: what goes to an agency, or what a person is asked."""
_SHORT = frozenset({"sms", "whatsapp"})
_EINVOICE = "peppol"


class Letter(NamedTuple):
    """A finished message: its effect, to whom, by which channel, the hash of its template, the check code that it bears."""

    effect: Effect
    channel: str
    contact: int
    template: str
    code: str = ""

    @property
    def document(self) -> str:
        """SHA-256 of what is sent."""
        return hashlib.sha256(self.effect.payload).hexdigest()


class Prepared(NamedTuple):
    """What an action becomes; `effects` are those that are no message to the debtor: hand-overs."""

    letters: tuple[Letter, ...]
    tasks: tuple[Task, ...]
    effects: tuple[Effect, ...] = ()


def prepared(
    found: Loaded,
    action: Action,
    key: str,
    means: Means,
    now: datetime,
    hand_over: HandOver | None = None,
    copies: Copies | None = None,
) -> Prepared:
    """The messages and tasks of an action; `now` is the day and time that mails bear, `copies` the invoices that may go with them.

    `key` is the action's id in the store, with a colon and the run that saved it: decided anew on the same day, it is another message.

    Raises ReceivablesError where something that a message needs is missing, RenderError or MissingGlyph where it cannot be set.
    """
    every = (_message(found, action, key, message, means, now, copies) for message in action.messages)
    made: list[Letter | Task | Effect] = [one for one in every if one is not None]
    asked = {one.kind for one in made if isinstance(one, Task)}
    made.extend(_others(found, action, key, asked, hand_over))
    return Prepared(
        tuple(one for one in made if isinstance(one, Letter)),
        tuple(one for one in made if isinstance(one, Task)),
        tuple(one for one in made if isinstance(one, Effect)),
    )


def _message(
    found: Loaded, action: Action, key: str, message: Message, means: Means, now: datetime, copies: Copies | None
) -> Letter | Task | None:
    """What a message becomes; None for an e-invoice of which there is nothing to send."""
    if message.channel == "call":
        return call(found, action, key, message)
    nothing = False
    for channel in (message.channel, *message.instead):
        if channel not in means.channels:
            continue
        contact = reached(found, action.debtor, message.contact, message.role, channel)
        if contact is not None and channel == _EINVOICE:
            sent = _einvoice(found, action, key, contact)
            if sent is not None:
                return sent
            nothing = True
        elif contact is not None and channel in forms_effects.CHANNELS:
            return letter(found, action, key, channel, contact, message.cc, means, now, copies)
    if nothing:
        return None
    if reached(found, action.debtor, message.contact, message.role, message.channel) is None:
        return task_of(action, key, "repair_address", said(found, action, "repair_address", None))
    return _by_hand(found, action, key, message)


def _einvoice(found: Loaded, action: Action, key: str, contact: Row[Any]) -> Letter | None:
    """A reminder as an e-invoice, where the receiver's country has one; it bears the check code as a note."""
    name = f"action:{key}:{_EINVOICE}:{contact.id}"
    made = content(facts(found, action, contact, key), _EINVOICE, name)
    data = exports.einvoice(found, action, contact, note=made.check)
    if data is None:
        return None
    headers = {**forms_effects.about(made), "type": "application/xml"}
    effect = Effect(name, OWNER, f"action:{key.partition(':')[0]}", _EINVOICE, str(address(found, contact, _EINVOICE)), data, headers)
    return Letter(
        effect._replace(not_before=action.not_before, not_after=action.not_after), _EINVOICE, contact.id, made.template, made.code
    )


def letter(
    found: Loaded,
    action: Action,
    key: str,
    channel: str,
    contact: Row[Any],
    cc: Sequence[int],
    means: Means,
    now: datetime,
    copies: Copies | None = None,
) -> Letter:
    """A finished message to a contact by a channel.

    Raises ReceivablesError where something that it needs is missing, RenderError or MissingGlyph where it cannot be set.
    """
    name = f"action:{key}:{channel}:{contact.id}"
    made = content(facts(found, action, contact, key), channel, name)
    way = _way(found, action, name, channel, contact, means, max(now, action.not_before).replace(microsecond=0))
    if channel == "email":
        files = copies.of(action, means.house) if copies else ()
        way = _by_mail(found, contact, cc, means, way)._replace(files=files)
    effect = forms_effects.effect(made, way, OWNER, f"action:{key.partition(':')[0]}")
    effect = effect._replace(not_before=action.not_before, not_after=action.not_after)
    return Letter(effect, channel, contact.id, made.template, made.code)


def _way(found: Loaded, action: Action, name: str, channel: str, contact: Row[Any], means: Means, moment: datetime) -> Way:
    creditor = found.creditor
    named = dict.fromkeys(filter(None, (found.debtors[action.debtor].name, contact.name)))
    return Way(
        key=name,
        channel=channel,
        address=str(address(found, contact, channel)),
        moment=moment,
        day=moment.astimezone(ZoneInfo(creditor["time_zone"])).date(),
        lines=tuple((address(found, contact, "letter") or "\n".join(named)).split("\n")),
        origin=(str(creditor["name"]), *postal(creditor["address"])),
        house=means.house,
        templates=means.templates,
    )


def _by_mail(found: Loaded, contact: Row[Any], cc: Sequence[int], means: Means, way: Way) -> Way:
    creditor = found.creditor
    sender = means.sender or creditor["email"]
    if not sender:
        raise Missing("the address that mail comes from ([smtp] sender in einvoice.toml)", "an e-mail")
    copies = [row for one in cc if (row := found.contacts.get(one)) is not None and address(found, row, "email")]
    return way._replace(
        sender=Mailbox(str(creditor["name"]), sender),
        to=contact.name or found.debtors[contact.debtor_id].name,
        cc=tuple(Mailbox(copy.name or "", str(address(found, copy, "email"))) for copy in copies),
        reply_to=creditor["email"],
    )


def call(found: Loaded, action: Action, key: str, message: Message) -> Task:
    """A telephone call, for a person, with what to say."""
    contact = reached(found, action.debtor, message.contact, message.role, "call")
    text = said(found, action, "call", contact, phone=(contact.phone if contact is not None else None) or "–")
    try:
        script = content(facts(found, action, contact, key), "call", "").script
    except Missing as fault:  # whoever calls can do without
        script = str(fault)
    return task_of(action, key, "call", f"{text}\n\n{script}")


def _by_hand(found: Loaded, action: Action, key: str, message: Message) -> Task:
    """A message that no channel here can send: a person does, with the finished text."""
    contact = reached(found, action.debtor, message.contact, message.role, message.channel)
    made = content(facts(found, action, contact, key), message.channel, "")
    where = str(address(found, contact, message.channel)) if contact is not None else ""
    text = said(found, action, "send", contact, reach_of=where.replace("\n", ", "), channel=message.channel)
    return task_of(action, f"{key}:{message.channel}", "send", f"{text}\n\n{_worded(made, message.channel)}")


def _worded(made: Content, channel: str) -> str:
    return made.short if channel in _SHORT else f"{made.subject}\n\n{plain.text(made)}"


def _others(found: Loaded, action: Action, key: str, asked: set[str], hand_over: HandOver | None) -> Iterator[Task | Effect]:
    """What is done besides messages: the action's own task, a hand-over with its dossier."""
    if action.handover and action.kind == "handover" and hand_over is not None:
        yield hand_over(action, key)
    elif action.handover and action.kind == "handover":
        yield task_of(action, key, "hand_over", plain.dossier(facts(found, action, None), []).text)
    elif action.task and action.task not in asked:
        if action.task == "call":
            yield call(found, action, key, Message("call", None, "general"))
        else:
            yield task_of(action, key, action.task, said(found, action, action.task, None, handover=action.handover or ""))


def failed(found: Loaded, action: Action, reason: str) -> Task:
    """What a person hears of an action that came to nothing; asked once as long as the reason is the same."""
    what = hashlib.sha256(f"{action.flow} {action.step} {reason}".encode()).hexdigest()[:24]
    text = said(found, action, "failed", None, reason=reason)
    return task_of(action, "", "triage", text)._replace(key=f"failed:{action.debtor}:{what}", action=None)


def said(found: Loaded, action: Action, kind: str, contact: Row[Any] | None, **more: str) -> str:
    """What a person is told, in the creditor's language: in the user's words, unless they name what is not there."""
    spoken_here = (found.templates or load(None)).words[spoken(found.creditor.get("language"))]
    about: Facts = facts(found, action, contact)
    numbers = [debt.number for debt in about.debts]
    counted = spoken_here.texts["about"]["one" if len(numbers) == 1 else "many"].format(number=numbers[0], count=len(numbers))
    total = sum((debt.amount + debt.charges for debt in about.debts), start=action.amount - action.amount)
    fields = {
        "name": contact.name if contact is not None and contact.name else about.debtor,
        "debtor": about.debtor,
        "about": counted if len(numbers) == 1 else f"{counted} ({', '.join(numbers)})",
        "total": money(total, action.currency, spoken_here.language),
        "due": day(min(debt.due for debt in about.debts), spoken_here.language),
        "step": f"{action.flow} {action.why.step}",
        "because": action.why.because,
        "handover": action.handover or "",
        **more,
    }
    try:
        return str(spoken_here.texts["task"][kind]).format(**fields)
    except (KeyError, ValueError, IndexError):
        return str(words(spoken_here.language).texts["task"][kind]).format(**fields)


def task_of(action: Action, key: str, kind: str, text: str) -> Task:
    """A task about an action; `key` begins with the action's id, and tells its tasks of a kind apart."""
    if not action.invoices:
        raise ReceivablesError("an action without invoices is nobody's task")
    invoices = tuple(claimed.invoice for claimed in action.invoices)
    return Task(f"action:{key}:{kind}", kind, action.creditor, action.debtor, invoices, action.day, text, action=key.partition(":")[0])
