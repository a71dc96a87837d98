"""Runs of a day in processes of their own, killed at random or started twice; the mail server's log is the judge.

`python -m tests.receivables.run_kills URL HOST PORT PLAN`: PLAN is JSON, as `Plan` has it. The program imports everything once and forks
a child for each run, so that kills fall into runs and not into imports.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, func, select

from einvoice.database import connect, open_database
from einvoice.outbox.tables import OUTBOX
from einvoice.receivables import law, policy
from einvoice.receivables.channels.mime import message_id
from einvoice.receivables.run import run
from einvoice.receivables.store.tables import ACTIONS
from einvoice.settings import Receivables, Sending, Settings, Smtp
from tests.receivables.run_world import MORNING, REMINDERS
from tests.smtp import Mailbox


class Plan(NamedTuple):
    """`kills` runs are killed after at most `longest` seconds; `together` runs are started at once, to their end."""

    kills: int = 0
    longest: float = 0.5
    together: int = 1
    seed: int = 1
    at: str = MORNING.isoformat()


class Judged(NamedTuple):
    """What came of it: messages that arrived, arrived twice, never arrived though nobody knows of it; and the unknown ones."""

    debtors: int
    arrived: int
    twice: int
    lost: int
    unknown: int
    actions: int


def carried_out(url: str, mail: Mailbox, plan: Plan) -> int:
    """Runs the plan in a process of its own, and gives how many runs were really killed."""
    command = [sys.executable, "-m", "tests.receivables.run_kills", url, mail.host, str(mail.port), json.dumps(plan)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def judged(engine: Engine, mail: Mailbox, debtors: int) -> Judged:
    """The server's log beside the outbox."""
    ids = [message.message_id for message in mail.accepted()]
    with connect(engine) as connection:
        effects = connection.execute(select(OUTBOX.c.key, OUTBOX.c.state)).all()
        actions = connection.execute(select(func.count()).select_from(ACTIONS)).scalar_one()
    arrived = {key for key, _ in effects if message_id(key, "ar@acme.example").strip("<>") in set(ids)}
    unknown = {key for key, state in effects if state == "unknown"}
    lost = debtors - len(arrived | unknown)
    return Judged(debtors, len(arrived), len(ids) - len(set(ids)), lost, len(unknown), actions)


def _forked(work: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return child


def _main(url: str, host: str, port: int, plan: Plan) -> int:
    smtp = Smtp(host=host, port=port, security="none", sender="ar@acme.example", timeout=10)
    settings, rules, laws = Settings(smtp=smtp, receivables=Receivables(), sending=Sending(workers=1)), policy.load(REMINDERS), law.load()
    chance, start, killed = random.Random(plan.seed), datetime.fromisoformat(plan.at), 0

    def day(moment: datetime) -> Callable[[], object]:
        def work() -> object:
            engine = open_database(url)
            return run(engine, "acme", rules, laws, settings, clock=lambda: moment)

        return work

    for number in range(plan.kills):
        child = _forked(day(start + timedelta(seconds=number)))
        time.sleep(chance.uniform(0, plan.longest))
        os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    end = start + timedelta(seconds=plan.kills, minutes=11 if plan.kills else 0)  # the leases of who was killed have ended
    children = [_forked(day(end)) for _ in range(plan.together)]
    for child in children:
        if os.waitpid(child, 0)[1]:
            raise SystemExit("a run that was not killed failed")
    return killed


if __name__ == "__main__":
    print(_main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Plan(*json.loads(sys.argv[4]))))
