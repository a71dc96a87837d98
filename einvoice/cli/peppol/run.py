"""Does what is due: prepares and sends what was accepted, hands over what came in, answers it; fetches what came in at hosted access
points, and asks them what became of what they took. Once, or again and again (`--every`).

Safe to start twice, safe to kill. As cron has it: `*/5 * * * * einvoice peppol run`. Exit code 1 where something failed for good."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING, Any

from einvoice.cli import options as common_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from einvoice.cli.peppol.hosted import Hosted
    from einvoice.settings import Settings
    from einvoice_peppol.inbox import Handed
    from einvoice_peppol.sending.means import Means
    from einvoice_peppol.sending.running import Round

USAGE = ""
EXAMPLES = """\
  einvoice peppol run
  einvoice peppol run --every 60
  einvoice peppol run --format json
"""


def options(parser: ArgumentParser) -> None:
    """What `peppol run` understands."""
    parser.add_argument(
        "--every", type=_seconds, metavar="SECONDS", help="again and again, with so many seconds between, until it is ended"
    )
    common_options.formats(parser, "text", "json")


def run(options: Namespace) -> int:
    """Runs once, or until it is told to stop."""
    import logging
    import signal
    from threading import Event

    from einvoice.cli.peppol.common import opened
    from einvoice.settings import current
    from einvoice_peppol.sending import means

    logging.getLogger("einvoice").addHandler(logging.NullHandler())  # what failed is told, and stands in the rows
    settings, stop = current(), Event()
    if options.every is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    ours = means.of(settings)
    with opened(settings) as engine:
        code = _once(engine, ours, settings, options, stop.is_set)
        while options.every is not None and not stop.wait(options.every):
            code = max(code, _safely(lambda: _once(engine, ours, settings, options, stop.is_set)))
    return code if options.every is None else 0


def _once(engine: Engine, ours: Means, settings: Settings, options: Namespace, stopped: Callable[[], bool]) -> int:
    from einvoice.cli.peppol import hosted
    from einvoice_peppol.sending import running

    fetched = hosted.fetched(engine, ours, settings, stopped)
    came = _handed(engine, ours, settings, stopped)
    done = running.run(engine, ours, settings, stopped=stopped)
    there = hosted.Hosted(fetched, hosted.followed(engine, ours, settings, stopped))
    _print(done, came, there, options)
    return int(bool(done.prepared.refused or done.prepared.dead or done.sent.failed or (came and came.failed) or there.failed))


def _handed(engine: Engine, ours: Means, settings: Settings, stopped: Callable[[], bool]) -> Handed | None:
    """Hands over what came in; what it brings forth is sent in the same round."""
    import os
    import socket

    from einvoice.cli.inbox.means import after, handlers
    from einvoice_peppol.inbox import hand_over

    takers = handlers(settings)
    if not takers:
        return None
    worker = f"{socket.gethostname()[:40]}:{os.getpid()}"
    return hand_over(engine, takers, worker, ours.clock, ours.bodies, after=after(settings), more=lambda: not stopped())


def _safely(work: Callable[[], int]) -> int:
    """One round of many: what goes wrong is told, and the next one comes."""
    from einvoice.cli.problems import tell

    try:
        return work()
    except Exception as fault:  # a full disk, a lost network: the next round finds everything as it stands
        tell(fault)
        return 1


def _print(done: Round, came: Handed | None, hosted: Hosted, options: Namespace) -> None:
    from einvoice.cli.printing import json_text

    if options.format == "json":
        sent = {**done.sent._asdict(), "resting": sorted(done.sent.resting)}
        told: dict[str, Any] = {**done._asdict(), "prepared": done.prepared._asdict(), "sent": sent}
        print(json_text({**told, "handed": came and came._asdict(), **hosted.told()}), flush=True)
        return
    print("; ".join(_words(done, came) + hosted.words()) or "nothing was due", flush=True)


def _words(done: Round, came: Handed | None) -> list[str]:
    from einvoice.cli.peppol.common import silent_note

    ready, sent = done.prepared, done.sent
    counts = [
        (ready.prepared, "prepared"),
        (sent.sent + sent.delivered, "sent"),
        (ready.refused, "refused: nobody takes it"),
        (sent.failed, "failed"),
        (ready.again + sent.again, "to try again"),
        (sent.unknown, "unknown"),
        (ready.dead, "given up"),
        (done.cleared, "files of the spool cleared away"),
    ]
    counts += [(came.handed, "handed over"), (came.retried, "to hand over again"), (came.failed, "not taken")] if came else []
    words = [f"{count:,} {word}" for count, word in counts if count]
    words += [f"{channel} rests: it does not answer" for channel in sorted(sent.resting)]
    return words if done.mode == "live" else [*words, silent_note(done.mode)]


def _seconds(text: str) -> float:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 86_400:
        raise ArgumentTypeError(f"{text!r} is no number of seconds; name one from 1 to 86400")
    return float(text)
