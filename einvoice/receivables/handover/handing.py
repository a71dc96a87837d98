"""A hand-over as what goes out: the dossier by mail or into a folder, or a task for a person where nobody is set to take it.

It is no message to the debtor, so it is no contact moment: its effect has an owner of its own (`owner.HandoverOwner`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from einvoice.outbox import Effect
from einvoice.receivables import papers
from einvoice.receivables.actions import Action
from einvoice.receivables.cases.tasks import Task
from einvoice.receivables.channels.installed import Means, to_agency
from einvoice.receivables.channels.mime import Mail, Mailbox, Part, composed, envelope
from einvoice.receivables.documents import plain
from einvoice.receivables.documents.facts import Loaded, facts
from einvoice.receivables.documents.words import spoken
from einvoice.receivables.handover.agencies import agency_of
from einvoice.receivables.handover.dossier import Dossier, make
from einvoice.receivables.handover.words import say
from einvoice.receivables.law import Laws
from einvoice.settings.providers import Agency

OWNER = "handover"
LARGEST = 12_000_000
"""Bytes of a dossier that goes by mail: a third more as Base64, and most servers refuse what is larger than 20 MB."""
_MB = 1_000_000


def prepared(
    connection: Connection,
    found: Loaded,
    means: Means,
    now: datetime,
    action: Action,
    key: str,
    *,
    keep: bool = True,
    laws: Laws | None = None,
) -> Effect | Task:
    """What becomes of an action that hands over: an effect with the dossier, or a task with where it is kept.

    `key` is the action's with the run that saved it. The dossier is kept in `papers`; without `keep`, in a rehearsal, none is made, and the
    task stands for what would go out. Raises ReceivablesError, RenderError or MissingGlyph where the dossier cannot be made.
    """
    if not keep:
        return _task(action, key, plain.dossier(facts(found, action, None), []).text)
    debtor = found.debtors[action.debtor]
    agency = agency_of(means.agencies, str(action.handover), debtor.country)
    language = spoken((agency.language if agency else None) or found.creditor.get("language"))
    invoices = [claimed.invoice for claimed in action.invoices]
    to = (agency.title or agency.name,) if agency else (str(action.handover),)
    with connection.begin_nested():  # a fault in here leaves the others' transaction usable
        made = make(
            connection,
            action.creditor,
            action.debtor,
            invoices,
            now,
            language,
            laws=laws,
            action=action,
            recipient=to,
            house=means.house,
            templates=means.templates,
        )
        papers.keep(connection, action.creditor, action.debtor, papers.DOSSIER, made.name, papers.ZIP, made.data, now)
    effect = _effect(found, agency, made, action, key, means, now) if agency else None
    return effect or _by_hand(found, action, key, made, agency, debtor)


def _effect(found: Loaded, agency: Agency, made: Dossier, action: Action, key: str, means: Means, now: datetime) -> Effect | None:
    """The dossier on its way; None where it can go neither by mail nor into a folder."""
    debtor = found.debtors[action.debtor]
    subject = say(made.language, "subject", debtor=debtor.name, total=made.total)
    headers: dict[str, Any] = {
        "title": subject,
        "language": made.language,
        "document": "dossier",
        "dossier": made.hash,
        "agency": agency.name,
        "handover": action.handover,
    }
    name = f"{OWNER}:{key}"
    if agency.email and "email" in means.channels and (sender := means.sender or found.creditor["email"]) and len(made.data) <= LARGEST:
        text = say(made.language, "mail", debtor=debtor.name, total=made.total)
        part = Part(made.name, papers.ZIP, made.data)
        moment = max(now, action.not_before).replace(microsecond=0)
        payload = composed(mail(found, name, agency, subject, text, made.language, moment, sender, (part,)))
        where, channel, headers = envelope(agency.email, ()), "email", headers | {"type": "message/rfc822", "sender": sender}
    elif agency.folder is not None and to_agency(agency) in means.channels:
        payload, where, channel, headers = made.data, agency.title or agency.name, to_agency(agency), headers | {"type": papers.ZIP}
    else:
        return None
    headers["sha256"] = papers.sha256(payload)
    effect = Effect(name, OWNER, f"action:{key.partition(':')[0]}", channel, where, payload, headers)
    return effect._replace(not_before=action.not_before, not_after=action.not_after)


def mail(
    found: Loaded,
    key: str,
    agency: Agency,
    subject: str,
    text: str,
    language: str,
    moment: datetime,
    sender: str,
    files: Sequence[Part] = (),
) -> Mail:
    """A mail to an agency, from the creditor, signed by it."""
    creditor = found.creditor
    words = "\n\n".join([say(language, "greeting"), text, f"{say(language, 'closing')}\n{creditor['name']}"]) + "\n"
    moment = moment.astimezone(ZoneInfo(str(creditor["time_zone"])))
    return Mail(
        key,
        Mailbox(str(creditor["name"]), sender),
        Mailbox(agency.title or agency.name, str(agency.email)),
        (),
        subject,
        words,
        language,
        moment,
        creditor["email"],
        attachments=tuple(files),
    )


def _by_hand(found: Loaded, action: Action, key: str, made: Dossier, agency: Agency | None, debtor: Any) -> Task:
    """A person hands over what is kept."""
    language = spoken(found.creditor.get("language"))
    if agency is not None and len(made.data) > LARGEST:
        text = say(language, "too_large", size=f"{len(made.data) / _MB:.0f}")
    else:
        text = say(language, "by_hand", handover=str(action.handover), country=debtor.country)
    return _task(action, key, f"{text}\n\n{plain.dossier(facts(found, action, None), []).text}")


def _task(action: Action, key: str, text: str) -> Task:
    invoices = tuple(claimed.invoice for claimed in action.invoices)
    name = f"action:{key}:hand_over"
    return Task(name, "hand_over", action.creditor, action.debtor, invoices, action.day, text, action=key.partition(":")[0])
