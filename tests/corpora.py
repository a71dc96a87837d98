"""Invoices that others published, with their official verdicts: test data that lives outside the repository."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ABSENT = "the corpora are absent: set EINVOICE_CORPORA to their folder"
XSD_LAYERS = ("xsd-ubl-invoice", "xsd-ubl-creditnote", "xsd-cii-d16b")


@dataclass(frozen=True, slots=True)
class Case:
    """One file, and what the official rule sets say of it: a layer's name to its verdict."""

    path: Path
    layers: dict[str, Any]
    valid: bool | None

    @property
    def xsd_valid(self) -> bool | None:
        """The official XSD's verdict; None where no XSD of an invoice applies."""
        return next((bool(self.layers[name]["valid"]) for name in XSD_LAYERS if name in self.layers), None)


def folder() -> Path | None:
    """Where the corpora are: $EINVOICE_CORPORA, else ../shared/corpora beside the repository, else None."""
    beside = Path(__file__).parents[2] / "shared" / "corpora"
    path = Path(os.environ.get("EINVOICE_CORPORA") or beside)
    return path if path.is_dir() else None


def rows(path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every XML file of every set under `path` with all that is recorded of it, in a fixed order, each once."""
    for listing in sorted(path.rglob("verdicts.jsonl")):
        for line in listing.read_text("utf-8").splitlines():
            row = json.loads(line)
            file = listing.parent / row["file"]
            if file.suffix.lower() == ".xml" and file.exists():
                yield file, row


def cases(path: Path) -> Iterator[Case]:
    """The same as cases."""
    return (Case(file, row.get("layers") or {}, row.get("valid")) for file, row in rows(path))


def recorded(path: Path, layer: str) -> Iterator[tuple[Path, dict[str, Any], bool]]:
    """The files that the official rules of a layer were run on, what they said, and whether the structure is valid."""
    for file, row in rows(path):
        found = (row.get("layers") or {}) | (row.get("extra") or {})
        if layer in found:
            yield file, found[layer], next((bool(found[name]["valid"]) for name in XSD_LAYERS if name in found), False)
