"""Letters written into a folder by processes that are killed at random: what is there afterwards."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from einvoice.outbox import Effect
from einvoice.receivables.channels.folder import FolderSender


class Printed(NamedTuple):
    """Letters asked for, kills that hit, letters complete with manifest, torn ones, doubles."""

    letters: int
    killed: int
    complete: int
    torn: int
    twice: int


def printed(*, letters: int, kills: int, seed: int = 1) -> Printed:
    """Writes letters, killing the writer at random; whoever prints takes what is complete meanwhile."""
    chance, killed, taken = random.Random(seed), 0, Counter[str]()
    effects = [_letter(number) for number in range(letters)]
    with TemporaryDirectory() as name:
        folder = Path(name)
        torn = 0
        for _ in range(kills):
            child = os.fork()
            if child == 0:
                _write_all(folder, effects)
                os._exit(0)
            time.sleep(chance.uniform(0, 0.05))
            os.kill(child, signal.SIGKILL)
            killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
            torn += _taken(folder, taken, at_most=5)
        _write_all(folder, effects)
        torn += _taken(folder, taken, at_most=letters)
    return Printed(letters, killed, len(taken), torn, sum(taken.values()) - len(taken))


def _letter(number: int) -> Effect:
    return Effect(
        f"letter:{number}", "receivables", "action:1", "letter", "Somebody", b"text %d\n" % number * 2000, headers={"type": "text/plain"}
    )


def _write_all(folder: Path, effects: list[Effect]) -> None:
    sender = FolderSender(folder)
    for effect in effects:
        sender.send(effect)


def _taken(folder: Path, taken: Counter[str], *, at_most: int) -> int:
    """Takes complete letters as a printing program does; how many of them are torn."""
    (folder / "printed").mkdir(exist_ok=True)
    torn = 0
    for manifest in sorted(folder.glob("*.json"))[:at_most]:
        stated = json.loads(manifest.read_text("utf-8"))
        letter = folder / stated["letter"]
        torn += hashlib.sha256(letter.read_bytes()).hexdigest() != stated["sha256"]
        taken[stated["key"]] += 1
        letter.rename(folder / "printed" / letter.name)
        manifest.rename(folder / "printed" / manifest.name)
    return torn
