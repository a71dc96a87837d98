"""The identifiers of the network as values: a participant, a document type, a process."""

from __future__ import annotations

from typing import NamedTuple

PARTICIPANTS = "iso6523-actorid-upis"
DOCUMENTS = "busdox-docid-qns"
WILDCARD = "peppol-doctype-wildcard"
PROCESSES = "cenbii-procid-ubl"


class Participant(NamedTuple):
    """A participant: the code of its identifier's scheme (EAS, `0208`) and its value (`0123456789`), in lower case."""

    scheme: str
    value: str

    @property
    def id(self) -> str:
        """`0208:0123456789`."""
        return f"{self.scheme}:{self.value}"

    def __str__(self) -> str:
        """`iso6523-actorid-upis::0208:0123456789`."""
        return f"{PARTICIPANTS}::{self.id}"


class DocumentType(NamedTuple):
    """A document type: `busdox-docid-qns`, or `peppol-doctype-wildcard`, and its value; case counts."""

    value: str
    scheme: str = DOCUMENTS

    def __str__(self) -> str:
        """`busdox-docid-qns::urn:…`."""
        return f"{self.scheme}::{self.value}"


class Process(NamedTuple):
    """A process and its scheme; case counts."""

    value: str
    scheme: str = PROCESSES

    def __str__(self) -> str:
        """`cenbii-procid-ubl::urn:…`."""
        return f"{self.scheme}::{self.value}"
