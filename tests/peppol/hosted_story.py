"""Many documents through a hosted access point whose answers get lost, and whose webhooks come twice; judged by its log."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from tests.peppol import hosted_world, networks
from tests.peppol.hosted_world import Hosted, call, hearing
from tests.peppol.sending_world import invoice
from tests.providers.paying import Reply
from tests.providers.peppol import belgian

_ROUNDS = 12
_HOURS = 3 * 3_600


class Story(NamedTuple):
    """What came of it: documents that the provider has twice, rows that say more than its log, their states; what came, and was kept."""

    twice: int
    wrong: int
    states: Counter[str]
    came: int
    kept: int
    unconfirmed: int

    @property
    def holds(self) -> bool:
        """Whether nothing was sent twice, nothing claimed that is not so, nothing lost, nothing kept twice."""
        return not self.twice and not self.wrong and self.came == self.kept and not self.unconfirmed


def told(folder: Path, here: networks.Here, name: str, count: int, seed: int = 7) -> Story:
    """Sends and receives so many documents in bad weather, then in good."""
    chance = random.Random(seed)
    here.clock.now = networks.NOW
    with hosted_world.standing(folder, here, name) as of:
        ids = [of.submit(str(number)) for number in range(count)]
        came = [of.comes(invoice(f"in-{number}")) for number in range(count)]
        with hearing(of) as base:
            for number in range(_ROUNDS):
                _weather(of, chance, bad=number < _ROUNDS - 3)
                of.run()
                of.fetch()
                of.follow()
                _decide(of, chance, base)
                here.clock.turn(_HOURS)
            of.service.trouble, of.service.cuts = [], 0
            here.clock.turn(86_401)
            of.follow()
            of.fetch()
        return _judged(of, ids, came)


def _weather(of: Hosted, chance: random.Random, *, bad: bool) -> None:
    troubles = (
        Reply(500, b""),
        Reply(503, b""),
        Reply(429, {}, {"Retry-After": "60"}),
        Reply(None),
        Reply(200, b"<html>"),
        Reply(302, b""),
    )
    of.service.trouble = [chance.choice(troubles) for _ in range(chance.randrange(4))] if bad else []
    of.service.cuts = chance.randrange(3) if bad else 0
    if hasattr(of.service, "on_send"):
        of.service.on_send = [chance.choice((None, Reply(500, b""), Reply(200))) for _ in range(3)] if bad else []


def _decide(of: Hosted, chance: random.Random, base: str) -> None:
    """The provider decides about some, and tells of some, twice."""
    for effect in of.world.effects():
        if effect.state != "sent" or effect.provider is None or chance.random() < 0.5:
            continue
        word = chance.choice(("delivered", "delivered", "failed"))
        of.decides(effect.provider, word)
        if chance.random() < 0.5:
            hook = of.hook(effect.provider, word)
            for _ in range(2):
                call(base, of.name, hook)


def _judged(of: Hosted, ids: list[int], came: list[str]) -> Story:
    logged = Counter(belgian.CASES[of.name].made(of.service))
    rows = [of.world.row(row_id) for row_id in ids]
    arrived = {number: logged[invoice(str(number))] for number in range(len(ids))}
    wrong = sum(
        (row.state in ("sent", "delivered", "bounced") and not arrived[number])
        or (row.state in ("failed", "prepared", "planned") and bool(arrived[number]))
        for number, row in enumerate(rows)
    )
    kept = Counter(row.message_id for row in of.came())
    unconfirmed = sum(not of.service.messages[ref]["confirmed"] for ref in came) if of.name == "peppyrus" else 0
    return Story(
        twice=sum(count > 1 for count in arrived.values()),
        wrong=wrong,
        states=Counter(row.state for row in rows),
        came=len(came),
        kept=sum(kept[f"{of.name}:{ref}"] == 1 for ref in came),
        unconfirmed=unconfirmed,
    )
