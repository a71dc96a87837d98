"""Tests documents and gives one verdict each: valid, invalid, or not judged, which is what could not be tested in full.

Tested are the structure, which is what the official XML Schemas test, and the business rules of the specification that the document
names. Exit code: 0 all valid, 1 some invalid, 2 some not judged or not readable; 2 wins."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from typing import TYPE_CHECKING, Any

from einvoice.cli import options as common
from einvoice.cli.progress import progress
from einvoice.cli.sources import sources, walk

if TYPE_CHECKING:
    from einvoice.cli.verdicts import Printer
    from einvoice_validators.batch import Checked

USAGE = "FILE…"
EXAMPLES = """\
  einvoice check invoice.xml
  einvoice check inbox/ 'mail/**/*.xml' --format jsonl
  einvoice check archive/ --jobs auto --fail-on warning
  einvoice check invoices/ --format sarif > check.sarif
  curl … | einvoice check -
"""

FORMATS = {
    "text": "verdict_text:Text",
    "json": "verdict_json:JSON",
    "jsonl": "verdict_json:JSONLines",
    "sarif": "sarif:SARIF",
    "junit": "junit:JUnit",
}


def options(parser: ArgumentParser) -> None:
    """What `check` understands."""
    common.files(parser)
    common.formats(parser, *FORMATS)
    common.profile(parser, "hold the documents against this profile, whatever they name")
    parser.add_argument("--fail-on", choices=("fatal", "warning"), default="fatal", help="end with 1 from there on; fatal unless told")
    rules = parser.add_mutually_exclusive_group()
    rules.add_argument("--official", action="store_true", help="run the official artefacts instead of our own rules (extra `official`)")
    rules.add_argument("--both", action="store_true", help="run both, and name every difference; 2 where there is one")
    weighed = "weigh the findings of XRechnung as its rules do, or as KoSIT's validator configuration does; official unless told"
    parser.add_argument("--severities", choices=("official", "kosit"), default="official", help=weighed)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=_jobs, metavar="N", help="check in so many processes; auto: as many as there are processors")
    where.add_argument("--dask", metavar="ADDRESS", help="check on the Dask cluster of that scheduler (extra `dask`)")


def run(options: Namespace) -> int:
    """Prints a verdict for each document."""
    module, _, name = FORMATS[options.format].partition(":")
    printer: Printer = getattr(import_module(f"einvoice.cli.{module}"), name)(options.fail_on)
    for checked in _checked(options):
        printer.take(checked)
    printer.end()
    return printer.code


def _checked(options: Namespace) -> Iterator[Checked]:
    """The documents that are named, checked in that order; on a terminal they are counted first, for the bar."""
    from einvoice import settings
    from einvoice_validators.batch import check_many

    most = options.max_size or settings.current().documents.max_size
    found = sources(options.files) if sys.stderr.isatty() else None
    documents = (source.given(most) for source in (walk(options.files) if found is None else found))
    asked = {name: getattr(options, name) for name in ("profile", "official", "both", "severities")}
    with ExitStack() as stack:
        checked = check_many(documents, **asked, max_size=most, **_workers(options, stack))
        yield from checked if found is None else progress(checked, len(found))


def _workers(options: Namespace, stack: ExitStack) -> dict[str, Any]:
    """What does the work, as arguments of `check_many`: this process, several, or a cluster that gets the documents' bytes."""
    if options.dask is None:
        return {"jobs": options.jobs}
    from einvoice.cli.cluster import PATIENCE, cluster

    return {"executor": stack.enter_context(cluster(options.dask)), "ship_bytes": True, "patience": PATIENCE}


def _jobs(text: str) -> int:
    import os

    if text == "auto":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not text.isascii() or not text.isdigit() or not int(text):
        raise ArgumentTypeError(f"{text!r} is no number of processes; name one, or auto")
    return int(text)
