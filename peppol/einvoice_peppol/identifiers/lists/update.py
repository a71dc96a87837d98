"""Writes the code lists of this folder from a release of the official ones, which its user supplies:

    python -m einvoice_peppol.identifiers.lists.update FOLDER

FOLDER holds the five JSON files of a release of the Peppol eDEC Code Lists (OpenPEPPOL/edec-codelists, `publication/v9.7`). Only facts
are taken over: identifiers, names, states, releases, dates and which process goes with which document type.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_TITLES = {
    "participants": "Participant identifier schemes",
    "documents": "Document types",
    "processes": "Processes",
    "transports": "Transport profiles",
    "usecases": "SPIS Use Case",
}
"""Our file, and the word in the official file's name."""
_FIELDS: dict[str, dict[str, str]] = {
    "participants": {"code": "iso6523", "name": "scheme-name", "id": "schemeid", "country": "country", "registrable": "registrable"},
    "documents": {"code": "value", "name": "name", "scheme": "scheme", "category": "category"},
    "processes": {"code": "value", "scheme": "scheme"},
    "transports": {"code": "profile-id", "name": "protocol"},
    "usecases": {"code": "use-case-id"},
}
_VALIDITY = {"state": "state", "since": "initial-release", "deprecated": "deprecation-release", "until": "removal-date"}


def main(arguments: list[str]) -> int:
    """Writes the five files; 1 where one is missing or another release than the others."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)  # noqa: T201 - a script
        return 2
    found = {name: _read(Path(arguments[0]), title) for name, title in _TITLES.items()}
    versions = {read["version"] if read else None for read in found.values()}
    if None in versions or len(versions) != 1:
        print(f"not one whole release: {versions}", file=sys.stderr)  # noqa: T201
        return 1
    for name, read in found.items():
        assert read is not None
        _write(name, read)
    return 0


def _read(folder: Path, title: str) -> dict[str, Any] | None:
    files = [path for path in sorted(folder.glob("*.json")) if title in path.name]
    return json.loads(files[-1].read_text("utf-8")) if files else None


def _write(name: str, read: dict[str, Any]) -> None:
    entries = [_entry(name, row) for row in read["values"]]
    head = {
        "title": f"Peppol eDEC Code Lists: {_TITLES[name]}",
        "version": read["version"],
        "source": f"OpenPEPPOL/edec-codelists, publication/v{read['version']}",
    }
    text = json.dumps(head, ensure_ascii=False)[:-1] + ', "entries": [\n'
    text += ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in _sorted(entries)) + "\n]}\n"
    (_HERE / f"{name}.json").write_text(text, "utf-8")


def _entry(name: str, row: dict[str, Any]) -> dict[str, Any]:
    wanted = {**_FIELDS[name], **_VALIDITY}
    entry = {ours: row[theirs] for ours, theirs in wanted.items() if row.get(theirs) is not None}
    if row.get("abstract"):
        entry["abstract"] = True
    if name == "documents":
        entry["processes"] = [f"{process['scheme']}::{process['value']}" for process in row["process-ids"]]
    return entry


def _sorted(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(entries, key=lambda entry: (entry["code"], entry.get("scheme", "")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
