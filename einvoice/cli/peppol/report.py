"""Makes the monthly report of an access point: transactions (tsr) or end users (eusr), checked by the official rules before it is given.

Counted is what our own access point sent with a verified receipt, and received, in the month by UTC. A month without exchanges is
reported as well. Reports are due by day 15 of the month after, in the production network only. --check checks reports from files."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from einvoice.cli import options as common

if TYPE_CHECKING:
    from einvoice.report import Report
    from einvoice.settings import Settings
    from einvoice_peppol.reporting import Kind, Month

USAGE = "tsr|eusr --month YYYY-MM | --check FILE…"
EXAMPLES = """\
  einvoice peppol report tsr --month 2026-10 -o tsr-2026-10.xml
  einvoice peppol report eusr --month 2026-10 --reporter PNL000123
  einvoice peppol report --check tsr-2026-10.xml
"""


def options(parser: ArgumentParser) -> None:
    """What `peppol report` understands."""
    parser.add_argument("kind", nargs="?", choices=("tsr", "eusr"), help="transactions, or end users")
    parser.add_argument("--month", metavar="YYYY-MM", help="the month, by UTC")
    parser.add_argument("--reporter", metavar="SEAT", help="our seat id; that of the certificate in the settings unless told")
    parser.add_argument("--so-far", action="store_true", help="also of a month that is not over, to look at")
    parser.add_argument("--check", nargs="+", metavar="FILE", help="check these reports instead of making one")
    common.output(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how --check prints; text unless told")


def run(options: Namespace) -> int:
    """Writes the report, or checks files; 1 where one is not valid, 2 where one could not be judged."""
    from einvoice.errors import PeppolError

    if options.check:
        return _checked(options)
    if options.kind is None or options.month is None:
        raise PeppolError("name the report and the month: einvoice peppol report tsr --month 2026-10")
    return _made(options)


def _made(options: Namespace) -> int:
    from einvoice.cli.peppol.common import opened
    from einvoice.cli.printing import save
    from einvoice.database import reading
    from einvoice.report import Verdict
    from einvoice.settings import current
    from einvoice_peppol.reporting import Kind, check, make, parse

    settings, kind, month = current(), Kind(options.kind), parse(options.month)
    _over(month, so_far=options.so_far)
    reporter = options.reporter or _seat(settings)
    with opened(settings) as engine, reading(engine) as connection:
        data = make(connection, kind, month, reporter, country=settings.peppol.country, network=settings.peppol.network)
    report = check(data)
    if report.verdict is not Verdict.VALID:
        _tell(report, f"the {kind.value} of {options.month}")
        return 1
    save(data, options.output, force=options.force)
    _due(settings, kind, month)
    return 0


def _over(month: Month, *, so_far: bool) -> None:
    from einvoice.cli.receivables.common import clock
    from einvoice.errors import PeppolError

    if clock() < month.ends and not so_far:
        raise PeppolError(f"the month ends with {month.last}, 24:00 UTC; wait for it, or look at what there is with --so-far")


def _seat(settings: Settings) -> str:
    from einvoice_peppol.pki import identity_files

    return identity_files.stated(settings.peppol).seat  # a month is reported after its certificate has ended, too


def _due(settings: Settings, kind: Kind, month: Month) -> None:
    from einvoice.cli.problems import warn

    if settings.peppol.network == "production":
        warn(f"einvoice: the {kind.value} is due by {month.due}")
    else:
        warn(f"einvoice: [peppol] network is {settings.peppol.network}; only the production network is reported")


def _checked(options: Namespace) -> int:
    from einvoice.cli.printing import json_text
    from einvoice.report import Verdict
    from einvoice_peppol.reporting import check

    reports = [check(_read(name), name) for name in options.check]
    if options.format == "json":
        print(json_text([_as_json(report) for report in reports], indent=1))
    else:
        for report in reports:
            print(f"{report.source}: {report.verdict.value}{f', {report.syntax}' if report.syntax else ''}")
            for finding in _findings(report):
                print(f"  {finding}")
    verdicts = {report.verdict for report in reports}
    return 2 if Verdict.NOT_JUDGED in verdicts else int(Verdict.INVALID in verdicts)


def _read(name: str) -> bytes:
    from einvoice.errors import PeppolError
    from einvoice_peppol.reporting.report import MAX_SIZE

    try:
        with Path(name).open("rb") as stream:
            return stream.read(MAX_SIZE + 1)
    except OSError as fault:
        raise PeppolError(f"{name}: {fault.strerror}") from None


def _as_json(report: Report) -> dict[str, object]:
    found = [finding._asdict() for layer in report.layers for finding in layer.findings]
    return {"file": report.source, "report": report.syntax, "verdict": report.verdict.value, "findings": found}


def _findings(report: Report) -> list[str]:
    notes = [layer.note for layer in report.layers if layer.note]
    found = [finding for layer in report.layers for finding in layer.findings]
    return notes + [
        f"{each.rule}: {each.text}{f' ({each.value!r})' if each.value is not None else ''}, {each.xpath or ''}" for each in found
    ]


def _tell(report: Report, name: str) -> None:
    from einvoice.cli.problems import warn

    warn(f"einvoice: {name} is {report.verdict.value}; nothing was written")
    for line in _findings(report):
        warn(f"  {line}")
