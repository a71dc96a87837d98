"""Runs the day: plans, saves, turns into messages and sends what is due, as far as the mode allows. Safe to start twice, safe to kill.

Exit code 1 where a debtor's action failed; the others went on."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from einvoice.cli import options as common

if TYPE_CHECKING:
    from einvoice.receivables.actions import Action
    from einvoice.receivables.documents.messages import Letter
    from einvoice.receivables.run import Report

USAGE = ""
EXAMPLES = """\
  einvoice receivables run --dry-run
  einvoice receivables run --dry-run --preview messages/
  einvoice receivables run
"""


def options(parser: ArgumentParser) -> None:
    """What `receivables run` understands."""
    from einvoice.cli.receivables.common import creditor_option

    creditor_option(parser)
    parser.add_argument("--dry-run", action="store_true", help="write and send nothing, whatever the mode")
    parser.add_argument("--preview", metavar="FOLDER", help="in a dry run, write what would go out into a folder")
    common.formats(parser, "text", "json")


def run(options: Namespace) -> int:
    """Runs it and prints the report."""
    import logging

    from einvoice.cli.printing import json_text
    from einvoice.cli.receivables.common import clock, creditor_key, opened, policy_of, watched
    from einvoice.database import reading
    from einvoice.receivables import law
    from einvoice.receivables.run import run as run_day
    from einvoice.settings import current

    logging.getLogger("einvoice").addHandler(logging.NullHandler())  # the report says what failed
    settings = current()
    with opened(settings) as engine:
        with reading(engine) as connection:
            key = creditor_key(connection, options.creditor, settings)
        report = run_day(
            engine,
            key,
            policy_of(settings),
            law.load(),
            settings,
            clock=clock,
            silent=options.dry_run,
            progress=watched(),
            preview=_preview(Path(options.preview)) if options.preview else None,
        )
    print(json_text(told(report), indent=1) if options.format == "json" else "\n".join(text(report)))
    return 1 if report.failures else 0


def told(report: Report) -> dict[str, object]:
    """A report as JSON values."""
    return {
        **report._asdict(),
        "sent": {**report.sent._asdict(), "resting": sorted(report.sent.resting)},
        "failures": [failure._asdict() for failure in report.failures],
    }


def text(report: Report) -> list[str]:
    """A report as a person reads it."""
    from einvoice.cli.receivables.common import table

    head = f"{report.creditor}, {report.day}, {report.mode}"
    if report.busy:
        return [f"{head}: another run is at work ({report.busy}); nothing was done"]
    lines = [f"{head}: {_summary(report)}", *table(report.planned)]
    if report.held:
        lines += ["held back, by reason:", *table(report.held)]
    if report.clocks:
        lines += ["moved by the clock:", *table(report.clocks)]
    if report.tasks:
        lines += ["tasks for people:", *table(report.tasks)]
    if report.waiting:
        lines.append(f"{report.waiting:,} wait in the outbox; the first may go out at {report.later:%Y-%m-%d %H:%M} UTC: run again then")
    lines += [f"no answer from: {channel}; run again later" for channel in sorted(report.sent.resting)]
    lines += [f"debtor {failure.debtor}, {failure.step}: {failure.reason}" for failure in report.failures]
    return lines


def _summary(report: Report) -> str:
    if report.mode == "dry_run":
        return "this would go out; nothing was written or sent"
    sent = report.sent
    parts = [f"{sent.sent + sent.delivered:,} sent"]
    parts += [
        f"{count:,} {word}" for word, count in (("failed", sent.failed), ("unknown", sent.unknown), ("to try again", sent.again)) if count
    ]
    if report.mode == "redirect":
        return f"{', '.join(parts)} in rehearsal, to {sent.mode.partition(' ')[2]}; no step counts as taken"
    return f"{report.saved:,} new action{'' if report.saved == 1 else 's'}, {', '.join(parts)}"


def _preview(folder: Path) -> Callable[[Action, Letter], None]:
    """Writes each message into a folder: mails as .eml, letters as .pdf, others as what they are."""
    from einvoice.receivables.channels.folder import ending

    folder.mkdir(parents=True, exist_ok=True)

    def write(action: Action, letter: Letter) -> None:
        name = f"{action.debtor}-{action.flow}-{action.step}-{letter.channel}.{ending(letter.effect)}"
        (folder / name).write_bytes(letter.effect.payload)

    return write
