"""A zip being written: each file with its role, its size and its SHA-256, which the manifest states at the end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

MANIFEST = "manifest.json"
HOW = "how-to-verify.txt"
VERSION = 1
_STEP = 1 << 20


class Entry(NamedTuple):
    """A file of the archive: what it is, its bytes by number and SHA-256."""

    name: str
    role: str
    size: int
    sha256: str


class Archive:
    """Writes the zip; `at` is the moment that its files bear, so that the same evidence gives the same bytes."""

    def __init__(self, into: BinaryIO, at: datetime) -> None:
        self._zip = ZipFile(into, "w", ZIP_DEFLATED)
        self._at = (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second)
        self.entries: list[Entry] = []

    def add(self, name: str, role: str, data: bytes | BinaryIO, *, packed: bool = True) -> str:
        """Writes a file; its SHA-256. What is packed or encrypted already is not packed again."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(self._info(name, packed), "w", force_zip64=True) as target:
            for part in [data] if isinstance(data, bytes) else iter(lambda: data.read(_STEP), b""):
                digest.update(part)
                size += len(part)
                target.write(part)
        self.entries.append(Entry(name, role, size, digest.hexdigest()))
        return digest.hexdigest()

    def close(self, facts: Mapping[str, Any], how: str) -> None:
        """Adds how to verify it and the manifest, and ends the zip."""
        self.add(HOW, "what is in here, and how to verify it without our program", how.encode())
        manifest = {"version": VERSION, **facts, "files": [entry._asdict() for entry in self.entries]}
        with self._zip.open(self._info(MANIFEST, packed=True), "w") as target:
            target.write(json.dumps(manifest, indent=1, ensure_ascii=False).encode())
        self._zip.close()

    def _info(self, name: str, packed: bool) -> ZipInfo:
        info = ZipInfo(name, self._at)
        info.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        info.external_attr = 0o600 << 16
        return info
