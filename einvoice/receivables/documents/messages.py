"""An action as what goes out: finished messages by the channels there are, and tasks for people.

A message whose channel this installation lacks goes by another that the step allows; where there is none, a person is asked to send
it. The same action gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row

from einvoice.errors import ReceivablesError
from einvoice.outbox import Effect
from einvoice.receivables.actions import Action, Message
from einvoice.receivables.cases.tasks import Task
from einvoice.receivables.channels.installed import Means
from einvoice.receivables.channels.mime import Mail, Mailbox, composed, envelope
from einvoice.receivables.documents import plain
from einvoice.receivables.documents.facts import Loaded, address, facts, reached
from einvoice.receivables.documents.plain import Document, Facts
from einvoice.receivables.documents.words import day, money, spoken, words

OWNER = "receivables"


class Letter(NamedTuple):
    """A finished message: its effect, to whom, by which channel, and the hash of its template."""

    effect: Effect
    channel: str
    contact: int
    template: str

    @property
    def document(self) -> str:
        """SHA-256 of what is sent."""
        return hashlib.sha256(self.effect.payload).hexdigest()


class Prepared(NamedTuple):
    """What an action becomes."""

    letters: tuple[Letter, ...]
    tasks: tuple[Task, ...]


def prepared(found: Loaded, action: Action, key: str, means: Means, now: datetime) -> Prepared:
    """The messages and tasks of an action; `now` is the day and time that mails bear.

    `key` is the action's id in the store, with a colon and the run that saved it: decided anew on the same day, it is another message.

    Raises ReceivablesError where something that a message needs is missing.
    """
    letters: list[Letter] = []
    tasks: list[Task] = []
    for message in action.messages:
        made = _message(found, action, key, message, means, now)
        (letters if isinstance(made, Letter) else tasks).append(made)  # type: ignore[arg-type]
    tasks.extend(_others(found, action, key, {task.kind for task in tasks}))
    return Prepared(tuple(letters), tuple(tasks))


def _message(found: Loaded, action: Action, key: str, message: Message, means: Means, now: datetime) -> Letter | Task:
    if message.channel == "call":
        return call(found, action, key, message)
    for channel in (message.channel, *message.instead):
        contact = reached(found, action.debtor, message.contact, message.role, channel) if channel in means.channels else None
        if contact is not None:
            return letter(found, action, key, channel, contact, message.cc, means, now)
    if reached(found, action.debtor, message.contact, message.role, message.channel) is None:
        return task_of(action, key, "repair_address", said(found, action, "repair_address", None))
    return _by_hand(found, action, key, message)


def letter(
    found: Loaded, action: Action, key: str, channel: str, contact: Row[Any], cc: Sequence[int], means: Means, now: datetime
) -> Letter:
    """A finished message to a contact by a channel.

    Raises ReceivablesError where something that it needs is missing.
    """
    document = plain.composed(facts(found, action, contact), channel)
    name = f"action:{key}:{channel}:{contact.id}"
    moment = max(now, action.not_before).replace(microsecond=0)
    if channel == "email":
        effect = _mail(name, document, found, contact, cc, means.sender, moment)
    else:
        effect = _paper(name, document, str(address(found, contact, channel)), channel, moment)
    effect = effect._replace(subject=f"action:{key.partition(':')[0]}", not_before=action.not_before, not_after=action.not_after)
    return Letter(effect, channel, contact.id, document.template)


def _mail(
    name: str, document: Document, found: Loaded, contact: Row[Any], cc: Sequence[int], sender: str | None, moment: datetime
) -> Effect:
    creditor = found.creditor
    sender = sender or creditor["email"]
    if not sender:
        raise plain.Missing("the address that mail comes from ([smtp] sender in einvoice.toml)", "an e-mail")
    to = str(address(found, contact, "email"))
    copies = [row for one in cc if (row := found.contacts.get(one)) is not None and address(found, row, "email")]
    mail = Mail(
        name,
        Mailbox(str(creditor["name"]), sender),
        Mailbox(contact.name or found.debtors[contact.debtor_id].name, to),
        tuple(Mailbox(copy.name or "", str(address(found, copy, "email"))) for copy in copies),
        document.subject,
        document.text,
        document.language,
        moment,
        creditor["email"],
    )
    where = envelope(to, [mailbox.address for mailbox in mail.cc])
    headers = {"sender": sender, "type": "message/rfc822", "title": document.subject}
    return Effect(name, OWNER, "", "email", where, composed(mail), headers)


def _paper(name: str, document: Document, where: str, channel: str, moment: datetime) -> Effect:
    """A letter: the address in its window, the day, the text."""
    written = f"{where}\n\n{day(moment.date(), document.language)}\n\n{document.subject}\n\n{document.text}"
    headers = {"type": "text/plain", "title": document.subject, "language": document.language}
    return Effect(name, OWNER, "", channel, where, written.encode(), headers)


def call(found: Loaded, action: Action, key: str, message: Message) -> Task:
    """A telephone call, for a person."""
    contact = reached(found, action.debtor, message.contact, message.role, "call")
    text = said(found, action, "call", contact, phone=(contact.phone if contact is not None else None) or "–")
    return task_of(action, key, "call", text)


def _by_hand(found: Loaded, action: Action, key: str, message: Message) -> Task:
    """A message that no channel here can send: a person does, with the finished text."""
    contact = reached(found, action.debtor, message.contact, message.role, message.channel)
    document = plain.composed(facts(found, action, contact), message.channel)
    where = str(address(found, contact, message.channel)) if contact is not None else ""
    text = said(found, action, "send", contact, reach_of=where.replace("\n", ", "), channel=message.channel)
    return task_of(action, f"{key}:{message.channel}", "send", f"{text}\n\n{document.subject}\n\n{document.text}")


def _others(found: Loaded, action: Action, key: str, asked: set[str]) -> Iterator[Task]:
    """What a person does besides messages: the action's own task, a hand-over with its dossier."""
    if action.handover and action.kind == "handover":
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
    """What a person is told, in the creditor's language."""
    spoken_here = words(spoken(found.creditor.get("language")))
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
    return str(spoken_here.texts["task"][kind]).format(**fields)


def task_of(action: Action, key: str, kind: str, text: str) -> Task:
    """A task about an action; `key` begins with the action's id, and tells its tasks of a kind apart."""
    if not action.invoices:
        raise ReceivablesError("an action without invoices is nobody's task")
    invoices = tuple(claimed.invoice for claimed in action.invoices)
    return Task(f"action:{key}:{kind}", kind, action.creditor, action.debtor, invoices, action.day, text, action=key.partition(":")[0])
