"""Many documents through a hosted access point that errs at random: refuses for a while, breaks off, loses answers; and who has what."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from einvoice_peppol.inbox.hosted import hosted_id
from tests.peppol import hosted_more, networks
from tests.peppol.hosted_more import sent, told
from tests.peppol.hosted_world import Hosted, call, hearing
from tests.peppol.sending_world import invoice
from tests.providers.paying import Call, Reply

_ROUNDS, _PAUSE = 10, 3_600
_REPORTED = ("delivered", "failed")


class Many(NamedTuple):
    """What came of it, by the provider's own log: documents that it has twice, that it lacks though we say it has them, the states."""

    twice: int
    claimed: int
    states: Counter[str]
    lost: int
    wrong: int


def many(name: str, folder: Path, here: networks.Here, number: int, seed: int = 7) -> Many:
    """Sends documents through trouble; where hooks tell what became of them, each is told, twice, and forged ones in between."""
    here.clock.now = networks.NOW
    with hosted_more.standing(folder, here, name) as of:
        rows = {of.submit(f"{seed}-{at}"): invoice(f"{seed}-{at}") for at in range(number)}
        lost = _shaken(of, random.Random(seed))
        wrong = _heard(of) if name in ("econnect", "storecove") else 0
        had = Counter(sent(of))
        states = {row_id: str(of.world.row(row_id).state) for row_id in rows}
        claimed = sum(had[rows[row_id]] == 0 for row_id, state in states.items() if state in ("sent", "delivered", "bounced"))
        return Many(sum(count > 1 for count in had.values()), claimed, Counter(states.values()), lost, wrong)


def came(name: str, folder: Path, here: networks.Here, number: int, seed: int = 7) -> tuple[int, int]:
    """Documents come while the provider errs; each is told of until our server has it, and once more.

    How many are kept, and in how many rows.
    """
    here.clock.now = networks.NOW
    chance = random.Random(seed)
    with hosted_more.standing(folder, here, name) as of:
        refs = [hosted_more.comes(of, invoice(f"{seed}-{at}")) for at in range(number)]
        answers = of.service.answers
        of.service.answers = lambda asked: Reply(503, b"") if (fate := chance.random()) < 0.2 else _cut(answers(asked), fate)
        with hearing(of) as base:
            for ref in refs:
                while call(base, name, told(of, ref, "came")) != 204:
                    of.world.here.clock.turn(1)
                call(base, name, told(of, ref, "came"))
        of.service.answers = answers
        of.fetch()
        rows = [row.message_id for row in of.came()]
        return len({hosted_id(name, ref) for ref in refs} & set(rows)), len(rows)


def _cut(made: Reply, fate: float) -> Reply:
    return Reply(None) if fate < 0.35 else made


def _shaken(of: Hosted, chance: random.Random) -> int:
    """Rounds of sending while the provider errs; how many answers were lost."""
    answers, lost = of.service.answers, 0

    def shaken(asked: Call) -> Reply:
        nonlocal lost
        fate = chance.random()
        if fate < 0.15:
            return Reply(429, {}, {"Retry-After": "7"})
        made: Reply = answers(asked)
        if fate < 0.35 and made.status == 200 and asked.path != "/connect/token":
            lost += 1
            return Reply(None)
        return made

    of.service.answers = shaken
    for _ in range(_ROUNDS):
        of.run()
        of.world.here.clock.turn(_PAUSE)
    of.service.answers = answers
    return lost


def _heard(of: Hosted) -> int:
    """Every document is told of, in turn as delivered and as failed; how many calls were answered or believed wrongly."""
    wrong = 0
    with hearing(of) as base:
        for at, effect in enumerate(effect for effect in of.world.effects() if effect.state == "sent"):
            word = _REPORTED[at % 2]
            before = of.world.effects()
            wrong += sum(call(base, of.name, one) != 401 for one in hosted_more.forged(of, effect.provider).values())
            wrong += of.world.effects() != before
            wrong += sum(call(base, of.name, told(of, effect.provider, word)) != 204 for _ in range(2))
            after = next(one for one in of.world.effects() if one.id == effect.id)
            wrong += after.state != {"delivered": "delivered", "failed": "bounced"}[word]
    return wrong
