"""Says what identifiers of the network are worth: participants with their check digits, document types, processes; of an invoice, all.

An argument is a participant (0208:0123456749), a document type or process (its identifier), or a file with an invoice, of which the
document type, process, sender, receiver and country are derived. Without arguments the schemes of participants are listed."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from einvoice.cli import options as common

USAGE = "[ID|FILE…]"
EXAMPLES = """\
  einvoice peppol identifiers 0208:0428759497
  einvoice peppol identifiers invoice.xml --format json
  einvoice peppol identifiers --list documents --all
"""
LISTS = ("participants", "documents", "processes", "transports", "usecases")


def options(parser: ArgumentParser) -> None:
    """What `peppol identifiers` understands."""
    parser.add_argument("identifiers", metavar="ID|FILE", nargs="*", help="identifiers, or invoices to derive them from")
    parser.add_argument("--list", choices=LISTS, default="participants", help="which list to print; participants unless told")
    parser.add_argument("--all", action="store_true", help="with what is deprecated or removed")
    common.formats(parser, "text", "json")


def run(options: Namespace) -> int:
    """Prints what each is; 1 where one is not to be used, 2 where a file cannot be read."""
    if not options.identifiers:
        _print(_listed(options), options)
        return 0
    rows, codes = [], [0]
    for text in options.identifiers:
        row, code = _judged(text)
        rows.append(row)
        codes.append(code)
    _print(rows, options)
    return max(codes)


def _judged(text: str) -> tuple[dict[str, Any], int]:
    from einvoice.cli.problems import lines
    from einvoice.errors import BadIdentifier, EInvoiceError

    try:
        return {"argument": text, **(_derived(Path(text)) if _is_file(text) else _identified(text))}, 0
    except BadIdentifier as fault:
        return {"argument": text, "error": str(fault)}, 1
    except EInvoiceError as fault:
        return {"argument": text, "error": "\n".join(lines(fault, text))}, 2


def _is_file(text: str) -> bool:
    """Whether an argument is a file: one that is there, or that can be nothing else for want of a colon."""
    return ":" not in text or Path(text).is_file()


def _derived(path: Path) -> dict[str, Any]:
    from einvoice_peppol.identifiers import derive, documents

    found = derive.of(path)
    entry = documents.entry(found.document)
    return {
        "document type": str(found.document),
        "called": entry.name if entry else None,
        "process": str(found.process),
        "sender": found.sender.id if found.sender else None,
        "receiver": found.receiver.id if found.receiver else None,
        "country": found.country,
        "number": found.number,
    }


def _identified(text: str) -> dict[str, Any]:
    from einvoice_peppol.identifiers import documents, participants, processes
    from einvoice_peppol.identifiers.lists import today

    if "##" in text:
        document = documents.parse(text, strict=True)
        entry = documents.entry(document)
        assert entry is not None
        return {"document type": str(document), "called": entry.name, "state": entry.on(today()).value, "processes": [*entry.processes]}
    if text.partition(":")[0].isdigit() or text.startswith("iso6523"):
        participant = participants.parse(text)
        entry = participants.scheme(participant.scheme)
        assert entry is not None
        return {"participant": str(participant), "scheme": f"{entry.id}, {entry.name}", "state": entry.on(today()).value}
    process = processes.parse(text, strict=True)
    entry = processes.entry(process)
    assert entry is not None
    return {"process": str(process), "state": entry.on(today()).value}


def _listed(options: Namespace) -> list[dict[str, Any]]:
    from einvoice_peppol.identifiers.lists import State, code_list, today

    rows = []
    for entry in code_list(options.list).entries.values():
        state = entry.on(today())
        if options.all or state is State.ACTIVE:
            code = f"{entry.scheme}::{entry.code}" if entry.scheme else entry.code
            until = entry.until.isoformat() if entry.until else None
            rows.append({"code": code, "name": entry.name, "id": entry.id, "country": entry.country, "state": state.value, "until": until})
    return [{name: value for name, value in row.items() if value} for row in rows]


def _print(rows: list[dict[str, Any]], options: Namespace) -> None:
    if options.format == "json":
        from einvoice.cli.printing import json_text

        print(json_text(rows, indent=1))
        return
    for row in rows:
        if "argument" not in row:
            print("  ".join(str(value) for value in row.values() if value != "active"))
            continue
        print(f"{row['argument']}:")
        for name, value in row.items():
            for each in value if isinstance(value, list) else [value]:
                if name != "argument" and each is not None:
                    print(f"  {name:15}{each}")
