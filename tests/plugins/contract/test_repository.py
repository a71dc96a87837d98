"""Debtors over foreign tables: beside the SQL repository, the same snapshots, and the same of whatever is saved and withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, select

from einvoice.database import connect, reading
from einvoice.errors import ReceivablesError
from einvoice.receivables.actions import Action
from einvoice.receivables.snapshot import DebtorSnapshot
from einvoice.receivables.store import Repository as Protocol
from einvoice.receivables.store import SqlRepository
from einvoice.receivables.store.tables import ACTIONS, INVOICES, TAKEN
from einvoice_plugins.debtors import Stream
from einvoice_plugins.repository import Repository
from tests.plugins.small.desk import SqlDesk
from tests.receivables import books
from tests.receivables.bulk import DAY as BULK_DAY
from tests.receivables.bulk import fill
from tests.receivables.stores import DAY, action, store
from tests.scale import scaled

FOREIGN: Protocol = Repository(SqlDesk)
LAST = DAY + timedelta(days=2)
STEPS = ("r1", "r2", "r3")


def by_id(debtors: Iterator[DebtorSnapshot]) -> dict[int, DebtorSnapshot]:
    """Snapshots by debtor."""
    return {debtor.id: debtor for debtor in debtors}


def test_the_snapshots_of_a_large_creditor_are_those_of_the_sql_store_in_ten_queries(tmp_path: Path) -> None:
    with books.database(tmp_path) as engine:
        with connect(engine) as connection:
            creditor = fill(connection, 800)
        with reading(engine) as connection:
            wanted = by_id(SqlRepository().snapshots(connection, creditor, BULK_DAY))
            desk = SqlDesk(connection)
            found = by_id(Repository(lambda _: desk).snapshots(connection, creditor, BULK_DAY))
            some = sorted(wanted)[3:400:7]
            picked = by_id(FOREIGN.snapshots(connection, creditor, BULK_DAY, debtors=some))
    assert len(wanted) > 100
    assert list(found) == list(wanted)
    for number, snapshot in wanted.items():
        assert found[number] == snapshot
    assert desk.queries == 10
    assert picked == {number: found[number] for number in some}


class Twins:
    """The same creditor in two databases; each step is done by both repositories."""

    def __init__(self, first: Connection, second: Connection) -> None:
        self.sides = ((SqlRepository(), first), (FOREIGN, second))

    def do(self, name: str, *given: Any) -> Any:
        answers = [getattr(repository, name)(connection, *given) for repository, connection in self.sides]
        if name == "pending":
            answers = [list(answer) for answer in answers]
        assert answers[0] == answers[1]
        return answers[0]

    def tables(self) -> list[Any]:
        """All that saving and withdrawing change."""
        follow = select(*(INVOICES.c[name] for name in ("id", "flow", "step", "step_offset", "step_on", "stage", "trail")))
        columns = ("id", "run_id", "day", "state", "reason", "settled_on", "final", "notice", "body", "amount", "not_before")
        actions = select(*(ACTIONS.c[name] for name in columns)).order_by(ACTIONS.c.id)
        taken = select(TAKEN).order_by(TAKEN.c.action_id, TAKEN.c.invoice_id, TAKEN.c.channel)
        return [[connection.execute(query).all() for query in (follow, actions, taken)] for _, connection in self.sides]


def _some(random: Random) -> Action:
    debtor = random.randint(1, 3)
    invoices = tuple(sorted(random.sample([2 * debtor - 1, 2 * debtor], random.randint(1, 2))))
    more = {"final": random.random() < 0.2, "notice": random.choice([None, "nl-14-day-letter"])}
    ways = random.sample(["email", "letter", "sms"], random.randint(1, 2))
    return action(debtor, invoices, *ways, day=DAY + timedelta(days=random.randint(0, 2)), step=random.choice(STEPS), **more)


def _live(folder: Path, seed: int, steps: int) -> int:
    """Any order of saving and settling; how many actions there are in the end."""
    random = Random(seed)
    with ExitStack() as opened:
        sides = []
        for name in ("first", "second"):
            (folder / name).mkdir(parents=True)
            sides.append(opened.enter_context(connect(opened.enter_context(store(folder / name)))))
        twins, made = Twins(*sides), dict[str, Action]()
        for _ in range(steps):
            what = random.choice(["save", "save", "cancel", "fail", "complete", "queue"])
            if what == "save":
                some = [_some(random) for _ in range(random.randint(1, 3))]
                day = some[0].day  # a run saves the actions of one day
                some = [each._replace(day=day) for each in some] + random.sample(
                    sorted(made.values(), key=lambda one: one.id), min(1, len(made))
                )
                some = [each for each in some if each.day == day]
                made |= {each.id: each for each in some}
                twins.do("save", 1, some)
            elif made:
                reason = ["why"] if what in ("cancel", "fail") else []
                twins.do(what, random.choice(sorted(made)), *reason)
            first, second = twins.tables()
            assert first == second
            assert by_id(twins.sides[0][0].snapshots(sides[0], 1, LAST)) == by_id(twins.sides[1][0].snapshots(sides[1], 1, LAST))
            twins.do("pending", 1, DAY + timedelta(days=1))
        return len(made)


@pytest.mark.parametrize("seed", range(1))
def test_whatever_is_saved_and_withdrawn_is_as_in_the_sql_store(tmp_path: Path, seed: int) -> None:
    assert _live(tmp_path, seed, 12) > 2


@pytest.mark.slow
def test_whatever_is_saved_and_withdrawn_is_as_in_the_sql_store_for_long(tmp_path: Path) -> None:
    for seed in range(100, 100 + scaled(100)):
        _live(tmp_path / str(seed), seed, 40)


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Twins]:
    with ExitStack() as opened:
        sides = []
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            sides.append(opened.enter_context(connect(opened.enter_context(store(tmp_path / name)))))
        yield Twins(*sides)


def alike(twins: Twins) -> Any:
    """What saving and withdrawing have left, the same in both: the follow-up, the actions, what was taken."""
    first, second = twins.tables()
    assert first == second
    return first


@pytest.mark.parametrize("end", ["cancel", "fail"])
def test_a_last_step_that_is_withdrawn_gives_the_stage_back_and_may_be_planned_anew(twins: Twins, end: str) -> None:
    last = action(1, (1, 2), "letter", "email", step="r2", final=True)
    assert twins.do("save", 1, [last]).saved == 1
    assert [row.stage for row in alike(twins)[0]][:3] == ["final", "final", "open"]
    assert twins.do(end, last.id, "paid") is True
    assert {row.stage for row in alike(twins)[0]} == {"open"}
    assert twins.do(end, last.id, "paid") is False
    assert twins.do("save", 1, [last]).saved == 1
    assert [row.trail for row in alike(twins)[0]][:3] == ["nl.r2 ", "nl.r2 ", ""]


def test_a_step_is_taken_once_and_a_debtor_has_one_action_a_day(twins: Twins) -> None:
    later = DAY + timedelta(days=1)
    assert twins.do("save", 1, [action(1, (1,)), action(1, (2,)), action(2, (3,))]).other == 1
    assert twins.do("save", 1, [action(1, (1,))]).there == 1
    assert twins.do("save", 1, [action(1, (1, 2), day=later)]).taken == 1
    assert twins.do("save", 1, [action(1, (1, 2), "sms", day=later)]).saved == 1
    assert len(alike(twins)[1]) == 3


def test_what_has_moved_on_since_is_not_given_back(twins: Twins) -> None:
    first, second = action(1, (1, 2)), action(1, (1,), step="r2", day=DAY + timedelta(days=1))
    twins.do("save", 1, [first])
    twins.do("save", 1, [second])
    twins.do("cancel", first.id, "paid")
    assert [(row.step, row.trail) for row in alike(twins)[0]][:2] == [("r2", "nl.r1 nl.r2 "), (None, "")]


def test_an_action_that_nobody_knows_changes_nothing(tmp_path: Path) -> None:
    with store(tmp_path) as engine, connect(engine) as connection:
        for ask in (FOREIGN.queue, FOREIGN.complete):
            assert not ask(connection, "nothing")
        assert not FOREIGN.cancel(connection, "nothing", "why")


def test_rows_out_of_order_and_items_without_a_party_are_refused(tmp_path: Path) -> None:
    class Shuffled(SqlDesk):
        def items(self, *asked: Any) -> Iterator[Any]:
            yield from reversed(list(super().items(*asked)))

    class Partial(SqlDesk):
        without = 2

        def parties(self, *asked: Any) -> Iterator[DebtorSnapshot]:
            yield from (party for party in super().parties(*asked) if party.id != self.without)

    class Short(Partial):
        without = 3

    with store(tmp_path) as engine, connect(engine) as connection:
        for desk in (Shuffled, Partial, Short):
            with pytest.raises(ReceivablesError):
                list(Repository(desk).snapshots(connection, 1, DAY))


def test_a_stream_passes_over_who_is_not_asked_for() -> None:
    stream = Stream("holds", [(1, "a"), (2, "b"), (2, "c"), (5, "d")])
    assert stream.of(2) == [(2, "b"), (2, "c")]
    assert stream.of(3) == []
    assert stream.of(5) == [(5, "d")]
    stream.end()
