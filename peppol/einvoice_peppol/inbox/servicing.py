"""For whom we receive, and what: the participants of the settings, documents that we know, and the statuses that other providers send
to ours."""

from __future__ import annotations

from collections.abc import Iterable

from einvoice_peppol.identifiers import DocumentType, Participant, Process, documents, participants
from einvoice_peppol.identifiers.kinds import kind
from einvoice_peppol.identifiers.lists import State, today

KNOWN = frozenset({"invoice", "invoice_response", "mlr"})
"""What participants are sent; reports go to the network itself, which we are not."""
PROVIDERS = "0242"
"""The scheme of service providers (SPIS)."""


class Servicing:
    """Whether we take a document, for the participants named and for ourselves (`seat`, as `PNL000123`)."""

    def __init__(self, stated: Iterable[str], seat: str) -> None:
        """Raises BadIdentifier where a participant is none."""
        self._ours = frozenset(participants.parse(text, strict=False) for text in stated)
        self._digits = seat[-6:]

    def __call__(self, receiver: Participant, document: DocumentType, process: Process) -> bool:
        """Whether a document of this type and process may come to this participant.

        An MLS comes to the provider of our seat, `0242:` and its digits, or an id that begins so (MLS 1.1.0, MLS_TO).
        """
        found = kind(document)
        is_ours = self._is_provider(receiver) if found == "mls" else found in KNOWN and receiver in self._ours
        return is_ours and _belongs(document, process)

    def _is_provider(self, receiver: Participant) -> bool:
        return receiver.scheme == PROVIDERS and receiver.value.partition("-")[0] == self._digits


def _belongs(document: DocumentType, process: Process) -> bool:
    """Whether the list has the document type, still, and in this process; a wildcard's own version may be any (PINT)."""
    listed = documents.entry(document)
    return listed is None or (listed.on(today()) is not State.REMOVED and (not listed.processes or str(process) in listed.processes))
