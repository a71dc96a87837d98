"""The port to hosted access points: what is asked of one, and what it says. An adapter knows its provider's API and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from einvoice.errors import PeppolError
from einvoice.outbox import Outcome
from einvoice_peppol.identifiers import DocumentType, Participant, Process


class Submission(NamedTuple):
    """A business document to be sent: `key` names the effect for good, whoever asks again means the same sending."""

    key: str
    sender: Participant
    receiver: Participant
    document: DocumentType
    process: Process
    country: str
    instance_id: str
    data: bytes
    number: str | None = None
    kind: str = "invoice"


class Taken(NamedTuple):
    """A document that a provider received for us: its id there, and the document without its envelope.

    What the provider does not tell is None; `message_id` is the network's where it is told, else the provider's.
    """

    id: str
    message_id: str
    data: bytes
    sender: Participant | None = None
    receiver: Participant | None = None
    document: DocumentType | None = None
    process: Process | None = None
    country: str | None = None
    access_point: str = ""
    at: datetime | None = None


class News(NamedTuple):
    """What a webhook tells: `id` is the provider's of a message; `outcome` what became of one that we sent, None where one came for us.

    `key` is the provider's id of the news itself: heard twice it is one.
    """

    key: str
    id: str
    outcome: Outcome | None = None


class Call(NamedTuple):
    """A webhook as it came: names of `headers` in lower case."""

    headers: Mapping[str, str]
    body: bytes
    url: str = ""


class Untrusted(PeppolError):
    """A webhook that is not signed as its provider signs; nothing of it is believed."""


class Provider(Protocol):
    """A hosted access point.

    `name` is how settings name it. `recognises_keys` says that sending the same key twice arrives once, by its documentation.
    Methods do not raise for what the network does, where an Outcome can say it; where not they raise TransportError, and Rejected for what
    the provider refuses.
    """

    name: str
    recognises_keys: bool

    def send(self, submission: Submission) -> Outcome:
        """Hands a document over.

        SENT with the provider's id (`provider`) where it took it; FAILED where it refused for good, PLANNED where surely nothing was
        taken, UNKNOWN where it broke off after the document may have been taken.
        """

    def status(self, id: str) -> Outcome | None:  # noqa: A002 - the provider's word
        """What became of a document that it took; None while that is open, or SENT where it certainly is on its way.

        DELIVERED where the other side has it, with the provider's word as proof; BOUNCED where it could not be delivered.
        Raises TransportError, Rejected.
        """

    def waiting(self) -> Iterator[str]:
        """The ids of documents that came for us and were not confirmed.

        Raises TransportError, Rejected.
        """

    def fetch(self, id: str) -> Taken:  # noqa: A002 - the same
        """One of them.

        Raises TransportError, Rejected.
        """

    def confirm(self, id: str) -> None:  # noqa: A002 - the same
        """Says that we have it for good; it is called after that was committed, perhaps more than once.

        Raises TransportError, Rejected.
        """

    def hear(self, call: Call, now: datetime) -> tuple[News, ...]:
        """What a webhook tells.

        Raises Untrusted, PeppolError where it cannot be understood.
        """
