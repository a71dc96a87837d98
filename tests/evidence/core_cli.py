"""The command line on every published file, every value of every invoice on its page, conversion between profiles and syntaxes."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from itertools import product
from pathlib import Path

from einvoice import paths
from einvoice.cli import main
from einvoice.conversion import Converted, convert
from einvoice.formats import structure
from einvoice.formats.guard import parse
from einvoice.formats.reader import read
from einvoice.formats.syntax import Syntax
from einvoice.model import Invoice
from tests.corpora import Case, cases
from tests.evidence import Figure, corpora, figure, scale

PROFILES = ("en16931", "peppol", "xrechnung", "nlcius")
BATCH = 200


@figure("cli-every-file", bar="`show`, `detect` and `check` give one line of JSON for each published file, never a traceback", item=7)
def every_file() -> Figure:
    files = [str(case.path) for case in _some(corpora())]
    wrong: Counter[str] = Counter()
    for verb, start in product(("show", "detect", "check"), range(0, len(files), BATCH)):
        batch = files[start : start + BATCH]
        code, rows, errors = _run(verb, *batch, "--format", "jsonl")
        wrong["traceback or fault of ours"] += errors.count("Traceback") + errors.count("a fault of einvoice-toolkit")
        wrong["line of its own"] += [row["file"] for row in rows] != batch
        wrong["exit code"] += code != max(map(_code, rows))
    value = f"{len(files)} files, 3 verbs" + "".join(f", {count} × {what}" for what, count in wrong.items() if count)
    return Figure(value, bool(files) and not wrong.total())


@figure("cli-show-complete", bar="every value of every officially valid invoice is on the page that `show` prints", item=7)
def complete() -> Figure:
    from tests.cli.test_show import absent, is_prose

    total, lost = 0, []
    for case in _valid():
        invoice = read(case.path)
        total += sum(1 for _ in paths.values(invoice))
        lost += [f"{case.path.name} {path}" for path, value in absent(invoice) if not is_prose(value)]
    return Figure(f"{total - len(lost)} of {total} values" + f" {lost[:3]}" * bool(lost), bool(total) and not lost)


@figure("cli-drafts", bar="every officially valid invoice that `show --format json` prints is, as a draft, the same invoice", item=7)
def drafts() -> Figure:
    from einvoice.cli.show import shape
    from einvoice.drafts import read_draft

    invoices = [read(case.path) for case in _valid()]
    same = sum(read_draft(json.dumps(shape(invoice)).encode()) == [invoice] for invoice in invoices)
    return Figure(f"{same} of {len(invoices)} invoices", bool(invoices) and same == len(invoices))


@figure("cli-documented", bar="every session in the documentation is what its commands print", item=7)
def documented() -> Figure:
    from tests.cli.documented import DOCS, PAGES, rendered

    same = sum(rendered(text) == text for text in ((DOCS / name).read_text("utf-8") for name in PAGES))
    return Figure(f"{same} of {len(PAGES)} pages", same == len(PAGES))


@figure("convert-profiles", bar="to 4 profiles × 2 syntaxes: each value of each valid invoice kept or listed, structure-valid", item=6)
def between_profiles() -> Figure:
    kept = listed = silent = unsound = conversions = 0
    for invoice, profile, syntax in product([read(case.path) for case in _valid()], PROFILES, Syntax):
        converted = convert(invoice, syntax, profile=profile)
        lost, said = _lost(invoice, converted)
        kept += sum(1 for _ in paths.values(invoice)) - lost
        listed, silent, conversions = listed + said, silent + lost - said, conversions + 1
        unsound += not _sound(invoice, converted)
    faults = f"{silent} lost silently, {unsound} not structure-valid"
    value = f"{conversions} conversions: {kept} values kept, {listed} listed as losses, {faults}"
    return Figure(value, bool(conversions) and not silent and not unsound)


def _code(row: dict[str, object]) -> int:
    """The exit code that the line of one document asks for."""
    return 2 if "error" in row or row.get("verdict") == "not judged" else int(row.get("verdict") == "invalid")


def _lost(before: Invoice, converted: Converted) -> tuple[int, int]:
    """How many values the new document does not state, and how many of them are listed."""
    after = Counter(_values(read(converted.data)))
    told = tuple(loss.path for loss in converted.losses)
    gone = [path for path, value in _values(before) if not after.pop((path, value), 0)]
    return len(gone), sum(path.startswith(told) for path in gone)


def _sound(before: Invoice, converted: Converted) -> bool:
    """Whether the new document is structure-valid; UBL may lack a date that the old one stated unreadably, such as 30 February."""
    found = structure.check(parse(converted.data).root)
    return not found or (bool(before.unread) and before.issue_date is None and all(row.rule == "structure-missing" for row in found))


def _values(invoice: Invoice) -> Iterator[tuple[str, str]]:
    """Every value but the specification and the process, which a profile changes."""
    return ((paths.text(path), str(value)) for path, _, value in paths.values(invoice) if path[0] != "process")


def _valid() -> list[Case]:
    """Those that the official rules call valid; a document type declaration is refused whatever the rules say."""
    return [case for case in _some(corpora()) if case.valid and case.xsd_valid and b"<!DOCTYPE" not in case.path.read_bytes()[:2000]]


def _some(folder: Path) -> list[Case]:
    """The published files, each as often as the run's scale says."""
    found = [*cases(folder)]
    return found[:: max(1, round(1 / scale()))]


def _run(*arguments: str) -> tuple[int, list[dict[str, object]], str]:
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as errors:
        code = main(arguments)
    return code, [json.loads(line) for line in out.getvalue().splitlines()], errors.getvalue()
