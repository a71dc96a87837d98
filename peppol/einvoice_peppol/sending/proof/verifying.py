"""Verifies an archive of evidence: that it is whole, and that each part proves the next, from the document to the receipt."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, NamedTuple, cast
from zipfile import BadZipFile, ZipFile

from cryptography import x509

from einvoice.errors import DocumentError, PeppolError
from einvoice_peppol.as4 import receipts
from einvoice_peppol.http import Answer
from einvoice_peppol.pki.identity import Trust
from einvoice_peppol.sbdh import unwrapping, wrapping
from einvoice_peppol.sending import evidence
from einvoice_peppol.sending.proof import files, parts
from einvoice_peppol.sending.proof.archive import MANIFEST, VERSION

_STEP = 1 << 20
_MOST = 20_000_000
_BROKEN = (BadZipFile, LookupError, ValueError, TypeError, AttributeError, OSError, EOFError, RuntimeError, zlib.error)
"""What an archive that somebody else made may lead to, whatever stands in it."""


class Check(NamedTuple):
    """One step of the proof: whether it holds (None: it could not be looked at), and what was found."""

    name: str
    holds: bool | None
    found: str


def verify(path: Path | BinaryIO, trust: Trust | None = None) -> list[Check]:
    """The steps of the proof, each with what was found.

    Without `trust` the certificates are not judged, and the receipt is not. Raises PeppolError where it is no archive of evidence.
    """
    try:
        with ZipFile(path) as archive:
            facts = json.loads(_read(archive, MANIFEST))
            if not isinstance(facts, dict) or not isinstance(facts.get("files"), list):
                raise PeppolError("this is no evidence that `einvoice peppol proof` wrote: its manifest states no files")
            if facts.get("version") != VERSION:
                raise PeppolError(f"this evidence is of version {facts.get('version')}; this release reads version {VERSION}")
            return [*_checks(archive, facts, trust)]
    except _BROKEN as fault:
        raise PeppolError(f"this is no evidence that `einvoice peppol proof` wrote: {fault}") from None


def _checks(archive: ZipFile, facts: dict[str, Any], trust: Trust | None) -> Iterator[Check]:
    yield _files(archive, facts)
    there = {entry["name"] for entry in facts["files"]}
    steps: list[tuple[str, set[str], Callable[[], str]]] = [
        ("the envelope holds the document", {files.DOCUMENT[0], files.WRAPPED[0]}, lambda: _wrapped(archive)),
        ("the packed payload is the envelope", {files.WRAPPED[0], files.PAYLOAD[0]}, lambda: _packed(archive)),
        ("the signature is about the packed payload", {files.PAYLOAD[0]}, lambda: _signed(archive, facts)),
    ]
    if facts.get("direction") == "out" and "receipt" in facts:
        steps.append(("the receipt proves what was signed", {facts["receipt"]["file"]}, lambda: _receipt(archive, facts, trust)))
    for name, wanted, step in steps:
        yield _check(name, step) if wanted <= there else Check(name, None, f"{', '.join(sorted(wanted - there))} is not in the archive")
    if facts.get("direction") == "out" and "receipt" not in facts:
        yield Check("the receipt proves what was signed", None, f"there is no receipt: the message is {facts.get('state')}")


def _check(name: str, step: Callable[[], str]) -> Check:
    try:
        return Check(name, True, step())
    except _Unlooked as reason:
        return Check(name, None, str(reason))
    except (PeppolError, DocumentError, *_BROKEN) as fault:
        return Check(name, False, str(fault))


class _Unlooked(Exception):
    """What could not be looked at."""


def _files(archive: ZipFile, facts: dict[str, Any]) -> Check:
    """Whether the archive holds exactly what its manifest states."""
    stated = {entry["name"]: entry for entry in facts["files"]}
    wrong = sorted((set(archive.namelist()) - {MANIFEST}) ^ set(stated))
    for name, entry in stated.items():
        if name not in wrong:
            with archive.open(name) as part:
                digest, size = _digest(part)
            if (digest, size) != (entry["sha256"], entry["size"]):
                wrong.append(name)
    return Check("every file is what the manifest states", not wrong, f"not so: {', '.join(wrong)}" if wrong else f"{len(stated)} files")


def _wrapped(archive: ZipFile) -> str:
    """The document put into the same envelope, and taken out again, is what the envelope holds."""
    with archive.open(files.WRAPPED[0]) as stream:
        header = unwrapping.unwrap(cast("BinaryIO", stream), held := _Hash())
    with TemporaryFile() as again:
        with archive.open(files.DOCUMENT[0]) as document:
            wrapping.wrap(cast("BinaryIO", document), header, again)
        again.seek(0)
        unwrapping.unwrap(cast("BinaryIO", again), wanted := _Hash())
    if held.digest() != wanted.digest():
        raise PeppolError("the envelope holds another document")
    return f"{header.document}, {header.sender.id} to {header.receiver.id}"


def _packed(archive: ZipFile) -> str:
    with archive.open(files.PAYLOAD[0]) as packed, gzip.GzipFile(fileobj=packed) as stream:
        found = _digest(cast("IO[bytes]", stream))
    with archive.open(files.WRAPPED[0]) as wrapped:
        if found != _digest(wrapped):
            raise PeppolError("the packed payload is something else than the envelope")
    return f"{found[1]:,} bytes"


def _signed(archive: ZipFile, facts: dict[str, Any]) -> str:
    reference = parts.attachment(evidence.references(facts["signed"]))
    if reference is None:
        raise PeppolError("the signature covers no attachment")
    with archive.open(files.PAYLOAD[0]) as packed:
        if parts.digest(cast("BinaryIO", packed)) != reference.digest:
            raise PeppolError("the signature is about another attachment")
    return f"{reference.uri}: {reference.digest}"


def _receipt(archive: ZipFile, facts: dict[str, Any], trust: Trust | None) -> str:
    """The receipt, verified as when it came: its signature, its signer, and the references that it repeats."""
    if trust is None:
        raise _Unlooked("no trust anchors are installed: `einvoice peppol trust install --from FILE`")
    answer = Answer(200, {"content-type": facts["receipt"]["content_type"]}, _read(archive, facts["receipt"]["file"]))
    certificate = x509.load_pem_x509_certificate(_read(archive, files.RECEIVER[0]))
    when = datetime.fromisoformat(facts["sent_at"])
    proven = receipts.verify(answer, facts["message_id"], evidence.references(facts["signed"]), trust, certificate, when)
    return f"signed by {proven.seat}, {proven.timestamp.isoformat()}"


def _read(archive: ZipFile, name: str) -> bytes:
    """A small file of the archive."""
    with archive.open(name) as part:
        data = part.read(_MOST + 1)
    if len(data) > _MOST:
        raise PeppolError(f"{name} has more than {_MOST:,} bytes")
    return data


def _digest(stream: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while part := stream.read(_STEP):
        digest.update(part)
        size += len(part)
    return digest.hexdigest(), size


class _Hash:
    """A writer that only hashes."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def write(self, data: bytes, /) -> int:
        """Takes bytes."""
        self._hash.update(data)
        return len(data)

    def digest(self) -> str:
        """The hash of all of them."""
        return self._hash.hexdigest()
