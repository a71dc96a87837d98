"""Keeping what was planned: all of an action or nothing of it, each once, and each step once an invoice and channel.

The rules are those of the SQL store (`einvoice.receivables.store.saving`), over the plugin's tables in the ERP.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import islice

from einvoice.receivables.actions import Action
from einvoice.receivables.store.bodies import action_json
from einvoice.receivables.store.rows import channels
from einvoice.receivables.store.saving import Saved
from einvoice_plugins.book import Diary, Follow, Kept, Taken

BY_ACTIONS = ("final", "handed_over")
"""The stages that actions bring about."""
_WITHDRAWN = ("cancelled", "failed")
_AT_ONCE = 1_000
_Step = tuple[int, str, str, str]


def save(diary: Diary, run: int, actions: Iterable[Action]) -> Saved:
    """Keeps actions within the caller's transaction; of one debtor's on a day, the first. Others who save for the creditor wait."""
    counts, left = Counter[str](), iter(actions)
    while some := list(islice(left, _AT_ONCE)):
        for creditor in sorted({action.creditor for action in some}):
            diary.alone(creditor)
        while some:  # a debtor's second action meets what the first has done
            first: dict[int, Action] = {}
            rest = [action for action in some if first.setdefault(action.debtor, action) is not action]
            counts.update(_some(diary, run, first))
            some = rest
    return Saved(**counts)


def _some(diary: Diary, run: int, by_debtor: Mapping[int, Action]) -> Counter[str]:
    """Keeps actions of different debtors; how many, and how many were not for which reason."""
    standing: dict[tuple[int, date], dict[str, str]] = {}
    for kept in diary.of_days(sorted(by_debtor), sorted({action.day for action in by_debtor.values()})):
        standing.setdefault((kept.debtor, kept.day), {})[kept.id] = kept.state
    invoices = sorted({claimed.invoice for action in by_debtor.values() for claimed in action.invoices})
    met = {_step(row) for row in diary.taken_of(invoices)}
    refused: Counter[str] = Counter()
    accepted: list[Action] = []
    for debtor, action in by_debtor.items():
        why = _why_not(action, standing.get((debtor, action.day), {}), met)
        refused.update([why] if why else [])
        accepted += [] if why else [action]
    _write(diary, run, accepted)
    return refused + Counter(saved=len(accepted))


def _why_not(action: Action, standing: Mapping[str, str], met: set[_Step]) -> str | None:
    """Why an action is not kept, by the states of its debtor's actions of that day and the steps that were taken."""
    live = {other for other, state in standing.items() if state not in _WITHDRAWN}
    if action.id in live:
        return "there"
    if live:
        return "other"
    return "taken" if any(_step(row) in met for row in _taken(action, {})) else None


def _write(diary: Diary, run: int, actions: list[Action]) -> None:
    before = diary.followed(sorted({claimed.invoice for action in actions for claimed in action.invoices}))
    diary.write([_kept(action, run) for action in actions])
    diary.take([row for action in actions for row in _taken(action, before)])
    diary.set_follow(
        {claimed.invoice: _moved(before.get(claimed.invoice, Follow()), action) for action in actions for claimed in action.invoices}
    )


def _moved(follow: Follow, action: Action) -> Follow:
    is_last = action.final or action.kind == "handover"
    return follow._replace(
        flow=action.flow,
        step=action.step,
        offset=action.offset,
        stepped=action.day,
        stage="final" if is_last else follow.stage,
        trail=f"{follow.trail}{action.flow}.{action.step} ",
    )


def _kept(action: Action, run: int) -> Kept:
    return Kept(
        id=action.id,
        run=run,
        creditor=action.creditor,
        debtor=action.debtor,
        day=action.day,
        kind=action.kind,
        flow=action.flow,
        flow_version=action.flow_version,
        step=action.step,
        offset=action.offset,
        final=action.final,
        notice=action.notice,
        body=action_json(action),
    )


def _taken(action: Action, before: Mapping[int, Follow]) -> list[Taken]:
    """A row for each invoice of an action and each of its channels."""
    found: list[Taken] = []
    for claimed in action.invoices:
        was = before.get(claimed.invoice, Follow())
        stood = (was.flow, was.step, was.offset, was.stepped, was.stage)
        same = (action.id, claimed.amount, True, *stood)
        found += [Taken(claimed.invoice, action.flow_version, action.step, channel, *same) for channel in channels(action)]
    return found


def _step(row: Taken) -> _Step:
    return row.invoice, row.flow_version, row.step, row.channel
