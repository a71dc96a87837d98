"""Peppyrus (Belgium), as its OpenAPI document 1.0.0 (`https://api.peppyrus.be/v1`) and its PHP client (tigron/peppyrus-api-php) say.

| Call | For |
|---|---|
| `POST message` | a document in base64, who and what; the id. 422: refused; 404: nobody takes it |
| `GET message/{id}`, `…/report` | the folder: Outbox while it is open, Sent, or Failed with the rules that it broke |
| `GET message/list?folder=INBOX&confirmed=false` | what came, page by page |
| `PATCH message/{id}/confirm` | that we have it; 404: it was confirmed before |

It knows no keys of ours, so a document goes out once. Its webhooks post a message as `GET message/{id}` gives it, and nothing signs them:
the address that they call carries a secret of ours, and of the body only the id is believed, by which the API is asked.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from einvoice.errors import BadIdentifier, Rejected
from einvoice.outbox import Outcome, State
from einvoice.settings.peppol import Peppyrus as Section
from einvoice_peppol.http import Http
from einvoice_peppol.identifiers import documents, participants, processes
from einvoice_peppol.providers import hooks
from einvoice_peppol.providers.calling import DOCUMENT, Api, Reply, heard, let_in, segment, taken, text_of
from einvoice_peppol.providers.port import Call, News, Submission, Taken

NAME = "peppyrus"
_PAGE, _PAGES = 100, 1_000
_MOST_RULES = 5


def of(section: Section, http: Http, timeout: float = 60.0) -> Peppyrus | None:
    """The adapter that the settings lead to, None where they name no key.

    Raises SettingsError, PeppolError where the key leads to nothing that can be sent.
    """
    return None if section.key is None else Peppyrus(section, http, timeout)


class Peppyrus:
    """The adapter; one thread uses it at a time."""

    name = NAME
    recognises_keys = False

    def __init__(self, section: Section, http: Http, timeout: float = 60.0) -> None:
        assert section.key is not None
        headers = {"x-api-key": let_in(NAME, section.key.reveal())}
        self._section = section
        self._api = Api("Peppyrus", http, section.api, lambda: headers, timeout)

    def send(self, submission: Submission) -> Outcome:
        """See Provider."""
        sent = {
            "sender": submission.sender.id,
            "recipient": submission.receiver.id,
            "processType": str(submission.process),
            "documentType": str(submission.document),
            "fileContent": base64.b64encode(submission.data).decode(),
        }
        return self._api.hand_over("POST", "message", self._taken, refused=self._refused, sent=sent, most=DOCUMENT)

    def status(self, id: str) -> Outcome | None:  # noqa: A002 - the port's word
        """See Provider."""
        message = self._message(id)
        folder = text_of(message, "folder").casefold()
        if folder == "sent":
            return Outcome(State.DELIVERED, provider=id, proof=f"Peppyrus {id}: {folder}")
        if folder == "failed":
            return Outcome(State.BOUNCED, provider=id, reason=self._failure(id))
        return Outcome(State.SENT, provider=id) if folder == "outbox" else None

    def waiting(self) -> Iterator[str]:
        """See Provider. All pages are read first, since confirming moves what stands on them."""
        found: list[str] = []
        for page in range(1, _PAGES + 1):
            query = {"folder": "INBOX", "confirmed": "false", "page": str(page), "perPage": str(_PAGE)}
            told = self._api.ask("GET", "message/list", query=query, most=DOCUMENT).object()
            items, meta = told.get("items"), told.get("meta")
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items) or not isinstance(meta, dict):
                raise Rejected("Peppyrus: the list of messages is not as documented")
            found += [text_of(item, "id") for item in items]
            if not items or not isinstance(meta.get("pages"), int) or page >= meta["pages"]:
                break
        return iter(dict.fromkeys(found))

    def fetch(self, id: str) -> Taken:  # noqa: A002 - the port's word
        """See Provider."""
        message = self._message(id)
        if text_of(message, "direction").upper() != "IN":
            raise Rejected(f"Peppyrus: message {id} did not come for us")
        try:
            return Taken(
                id=id,
                message_id=id,
                data=base64.b64decode(text_of(message, "fileContent"), validate=True),
                sender=participants.parse(text_of(message, "sender"), strict=False),
                receiver=participants.parse(text_of(message, "recipient"), strict=False),
                document=documents.parse(text_of(message, "documentType")),
                process=processes.parse(text_of(message, "processType")),
                at=_moment(message.get("created")),
            )
        except (BadIdentifier, binascii.Error) as fault:
            raise Rejected(f"Peppyrus: message {id} cannot be read: {fault}") from None

    def confirm(self, id: str) -> None:  # noqa: A002 - the port's word
        """See Provider."""
        reply = self._api.call("PATCH", f"message/{segment(id)}/confirm")
        if reply.status != 404:  # confirmed before
            self._api.succeeded(reply)

    def hear(self, call: Call, now: datetime) -> tuple[News, ...]:  # noqa: ARG002 - nothing of it is dated
        """See Provider. Raises TransportError and Rejected too: of what we sent the API is asked.

        A webhook may be a lie about the message that it names, never about what became of it.
        """
        hooks.check_address(self._section.webhook_secret, call, NAME)
        message = heard(call.body)
        ref = text_of(message, "id")
        if text_of(message, "direction").upper() == "IN":
            return (News(f"{ref} in", ref),)
        outcome = self.status(ref)
        return () if outcome is None else (News(f"{ref} {outcome.state}", ref, outcome),)

    def _message(self, ref: str) -> Mapping[str, Any]:
        message = self._api.ask("GET", f"message/{segment(ref)}", most=DOCUMENT).object()
        if message.get("id") != ref:
            raise Rejected(f"Peppyrus: it was asked for message {ref}, and answers with another")
        return message

    def _failure(self, ref: str) -> str:
        """Why a document could not be delivered, in the provider's words."""
        words = "Peppyrus could not deliver it"
        with suppress(Rejected):
            report = self._api.ask("GET", f"message/{segment(ref)}/report").object()
            rules = report.get("validationRules")
            broken = [rule for rule in rules if isinstance(rule, dict) and rule.get("type") == "FATAL"] if isinstance(rules, list) else []
            told = [
                str(report.get("transmissionRules") or ""),
                *(f"{rule.get('id')}: {rule.get('message')}" for rule in broken[:_MOST_RULES]),
            ]
            words = "; ".join([words, *(one[:300] for one in told if one.strip())])
        return words

    @staticmethod
    def _taken(reply: Reply) -> Outcome:
        return taken(reply, "Peppyrus", reply.object().get("id"))

    def _refused(self, reply: Reply) -> Outcome:
        """404 says that nobody in the network is called so."""
        if reply.status == 404:
            return Outcome(State.FAILED, reason=self._api.words(reply), answered=True)
        return self._api.refused(reply)


def _moment(stated: object) -> datetime | None:
    """A moment as ISO 8601 has it; None for anything else."""
    try:
        found = datetime.fromisoformat(str(stated).strip().replace(" ", "T", 1))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
