"""Workers of the small ERP's outbox that are killed at any moment: what arrived is judged by a log that only the other side writes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlalchemy import insert, select

from einvoice.database import connect, reading
from einvoice.outbox import Effect, Outcome, State
from einvoice.outbox.mode import Mode
from einvoice.outbox.relaying import deliver
from einvoice_plugins import foreign
from einvoice_plugins.foreign import ForeignStore
from tests.outbox.world import START
from tests.plugins.small.effects import beginning
from tests.plugins.small.erp import EFFECTS, Ours, SmallErp

_LEASE = timedelta(minutes=10)
_SLEEP = 0.002


class Verdict(NamedTuple):
    """What arrived, how often twice, what nobody can say, what is neither sent nor unknown, and how many workers were killed."""

    arrived: int
    doubled: int
    unknown: int
    lost: int
    kills: int

    @property
    def holds(self) -> bool:
        """Nothing twice, nothing lost, and no more unknown than were killed."""
        return not self.doubled and not self.lost and self.unknown <= self.kills

    def __str__(self) -> str:
        return f"{self.kills} kills: {self.arrived} arrived, {self.doubled} twice, {self.lost} lost, {self.unknown} unknown"


class Log:
    """The other side: it writes down what arrives."""

    recognises_keys = False

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def send(self, effect: Effect) -> Outcome:
        """Takes it, and is slow to say so."""
        time.sleep(_SLEEP / 2)
        os.write(self._file, f"{effect.key}\n".encode())
        time.sleep(_SLEEP)
        return Outcome(State.SENT)


def kills(effects: int, times: int, *, resend: str = "once", seed: int = 1) -> Verdict:
    """So many effects, sent by two workers of which one is killed so often, then swept and sent to the end.

    `same_bytes` may arrive twice, which the judge must see: the other side of this network recognises nothing.
    """
    random = Random(seed)
    with TemporaryDirectory() as name:
        folder = Path(name)
        erp = SmallErp(folder)
        with connect(erp.engine) as connection:
            for number in range(effects):
                planned = foreign.planned(Effect(f"k{number}", "plugin", str(number), "peppol", "there", b"x"), START)
                connection.execute(insert(EFFECTS).values({**planned, "resend": resend}))
        killed, workers = 0, [_worker(folder) for _ in range(2)]
        while killed < times:
            at = random.randrange(2)
            _at_work(folder, workers[at])
            time.sleep(random.uniform(0, 0.15))
            if workers[at].poll() is None:
                workers[at].kill()
                workers[at].wait()
                killed += 1
            elif _left(erp) == 0:
                break
            workers[at] = _worker(folder)
        for worker in workers:
            worker.wait()
        work(folder, START + 2 * _LEASE)
        verdict = _judged(erp, folder, killed)
        erp.engine.dispose()
        return verdict


def work(folder: Path, now: datetime = START) -> None:
    """A worker: sweeps, and sends what is due."""
    erp = SmallErp(folder)
    store = ForeignStore(beginning(erp.engine, EFFECTS), {"plugin": Ours()}, lambda handle: Mode("live"), lease=_LEASE)
    store.sweep(now)
    (folder / f"at-work-{os.getpid()}").touch()
    deliver(store, {"peppol": Log(folder / "arrived")}, lambda: now, worker=str(os.getpid()))
    erp.engine.dispose()


def _worker(folder: Path) -> subprocess.Popen[bytes]:
    code = f"from pathlib import Path; from tests.plugins.small.kills import work; work(Path({str(folder)!r}))"
    return subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[3])


def _at_work(folder: Path, worker: subprocess.Popen[bytes]) -> None:
    """Waits until a worker has begun, or is done."""
    while worker.poll() is None and not (folder / f"at-work-{worker.pid}").exists():
        time.sleep(0.005)


def _left(erp: SmallErp) -> int:
    with reading(erp.engine) as connection:
        return sum(1 for _ in connection.execute(select(EFFECTS.c.id).where(EFFECTS.c.state == "planned")))


def _judged(erp: SmallErp, folder: Path, killed: int) -> Verdict:
    arrived = Counter((folder / "arrived").read_text().split())
    with reading(erp.engine) as connection:
        states = {key: State(state) for key, state in connection.execute(select(EFFECTS.c.key, EFFECTS.c.state))}
    told = sum(state is State.UNKNOWN for state in states.values())
    lost = sum(state is not State.UNKNOWN and not (state is State.SENT and arrived[key]) for key, state in states.items())
    return Verdict(len(arrived), sum(times > 1 for times in arrived.values()), told, lost, killed)
