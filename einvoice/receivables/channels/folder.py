"""Messages into a folder, for whoever prints and posts them or hands them on: each a file, beside it a manifest that says where it goes.

A message is complete when its manifest (`NAME.json`) is there. Who has taken one moves both files to `printed/`, which is how the same
message handed in twice is told from two. Names follow from the effect's key. `index-DAY.jsonl` has a line for every message of a day
(UTC, on which it might leave first), its manifest; of lines with the same key the last counts, and what is not there was not completed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from einvoice.outbox import Effect, Outcome, State

_ENDINGS = {
    "text/plain": "txt",
    "application/pdf": "pdf",
    "message/rfc822": "eml",
    "application/json": "json",
    "application/xml": "xml",
    "application/zip": "zip",
}
_REGISTERED = "registered_letter"


class FolderSender:
    """Writes an effect's payload into `folder`, whole or not at all, and on disk before it says so."""

    recognises_keys = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, effect: Effect) -> Outcome:
        """Writes one message and its manifest; one that is there already is not written again."""
        name = name_of(effect)
        digest = hashlib.sha256(effect.payload).hexdigest()
        try:
            if not any((self._folder / where / f"{name}.json").exists() for where in (".", "printed")):
                self._write(name, effect, digest)
        except OSError as fault:
            return Outcome(State.PLANNED, reason=f"{fault.filename or self._folder}: {fault.strerror or fault}")
        return Outcome(State.SENT, provider=name, proof=f"sha256:{digest}")

    def close(self) -> None:
        """Nothing is held open."""

    def _write(self, name: str, effect: Effect, digest: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        kind = ending(effect)
        letter = f"{name}.{kind if kind != 'json' else 'payload.json'}"
        self._whole(letter, effect.payload)
        manifest = {
            **effect.headers,
            "letter": letter,
            "registered": effect.channel == _REGISTERED,
            "sha256": digest,
            "key": effect.key,
            "subject": effect.subject,
            "channel": effect.channel,
            "address": effect.address.splitlines(),
            "redirected": effect.redirected,
        }
        self._listed(effect, manifest)
        self._whole(f"{name}.json", json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode())

    def _listed(self, effect: Effect, manifest: Mapping[str, Any]) -> None:
        """Adds a line to the day's index, before the manifest is there: a complete message never lacks in it."""
        if effect.not_before is None:
            return
        line = json.dumps(manifest, ensure_ascii=False, sort_keys=True).encode() + b"\n"
        handle = os.open(self._folder / f"index-{effect.not_before.date()}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)

    def _whole(self, name: str, data: bytes) -> None:
        """Writes beside, forces it to disk, then renames: no reader ever sees half a file."""
        part = self._folder / f".{name}.{os.getpid()}.part"
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._folder / name)
        _sync(self._folder)


def ending(effect: Effect) -> str:
    """How a file with an effect's payload ends, by its media type."""
    return _ENDINGS.get(str(effect.headers.get("type")).partition(";")[0].strip(), "bin")


def name_of(effect: Effect) -> str:
    """The name of a letter's files, without ending."""
    return hashlib.sha256(effect.key.encode()).hexdigest()[:32]


def _sync(folder: Path) -> None:
    """Forces a folder's list of names to disk, where the system lets us."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
