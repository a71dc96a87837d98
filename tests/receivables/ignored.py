"""Five debtors whose first mail went out, each of whom does something else with it; and what a month of daily runs makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from einvoice.database import connect
from einvoice.receivables.incoming.bounces import read
from einvoice.receivables.store.tables import ACTIONS, DEBTORS, TASKS
from tests.receivables.bounced import Block, answer, report
from tests.receivables.news import heard, message, rules
from tests.receivables.run_world import MORNING, World, pays, world
from tests.smtp import Mailbox

RULES = rules(
    "    - {id: r1, offset: 0, all_of: [email], fallback: [letter], firmness: 1}\n"
    "    - {id: r2, offset: 14, all_of: [email], fallback: [letter], firmness: 2}\n",
    "call_after_ignored: {after_days: 4}\n",
)
FATES = ("ignores", "bounces", "answers", "is away", "pays", "bounces late", "is full")


def month(where: Path, mail: Mailbox, days: int = 13) -> Mapping[str, list[str]]:
    """The steps that each debtor meets within some days of daily runs, "task" behind those that a person has to do; in order."""
    with world(where, mail, rules=RULES) as made:
        ids = {fate: made.debtor(fate.replace(" ", "-")) for fate in FATES}
        made.run(MORNING)
        for day in range(days):
            if day == 1:
                _turn(made, ids)
            made.clock.now = MORNING + timedelta(days=day, minutes=1)
            made.run()
        return {fate: _steps(made, debtor) for fate, debtor in ids.items()}


def _turn(made: World, ids: Mapping[str, int]) -> None:
    """A day later: what came of the mails."""
    to = {fate: str(message(made, debtor).provider) for fate, debtor in ids.items()}
    heard(made, read(report(name=to["bounces"])), "bounces")
    heard(made, read(report(Block(status="4.2.2"), name=to["is full"])), "bounces")
    heard(made, read(answer("Ik betaal volgende week.", to=to["answers"])), "bounces")
    heard(made, read(answer("I am away.", "Auto-Submitted: auto-replied", to=to["is away"])), "bounces")
    heard(made, read(report(Block(action="delayed", status="4.4.1"), name=to["bounces late"])), "bounces")
    with connect(made.engine) as connection:
        pays(connection, made, ids["pays"])
    made.clock.on(days=1)
    heard(made, read(report(Block(status="4.4.7"), name=to["bounces late"])), "bounces")


def _steps(made: World, debtor: int) -> list[str]:
    found = select(ACTIONS.c.id, ACTIONS.c.step).where(ACTIONS.c.debtor_id == debtor, ACTIONS.c.state == "done").order_by(ACTIONS.c.day)
    calls = {row[0] for row in made.rows(select(TASKS.c.action_id).where(TASKS.c.debtor_id == debtor, TASKS.c.kind == "call"))}
    assert made.rows(select(DEBTORS.c.id).where(DEBTORS.c.id == debtor))
    return [f"{row.step} task" if row.id in calls else row.step for row in made.rows(found)]


WANTED: Mapping[str, list[str]] = {
    "ignores": ["r1", "call-after-ignored task"],
    "bounces": ["r1"],
    "answers": ["r1"],
    "is away": ["r1", "call-after-ignored task"],
    "pays": ["r1"],
    "bounces late": ["r1"],
    "is full": ["r1"],
}
