"""How the parts of a policy fit together: what no single key can tell.

Works on plain data, so that a policy with faults of shape is told these faults too; what has the wrong shape is passed over here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from einvoice.receivables.policy.expression import ExpressionError
from einvoice.receivables.policy.finding import Fault, Path, nearest
from einvoice.receivables.policy.model import SEVERE
from einvoice.receivables.policy.parsing import parse
from einvoice.receivables.policy.reasoning import described, is_always, outcomes

Data = dict[str, Any]
SEVERE_FIRMNESS = 3


def faults(data: Data) -> Iterator[Fault]:
    """Every fault of how the parts fit."""
    yield from _calendar(_mapping(data.get("calendar")))
    yield from _exchange(data)
    yield from _segments(data)
    yield from _prelude(data)
    for name, path, steps in flows(data):
        yield from _flow(data, name, path, steps)
    yield from _experiments(data)
    yield from _proposals(data)
    for place, discount in enumerate(_list(data.get("discounts"))):
        yield from _expression(_mapping(discount).get("when"), ("discounts", place, "when"))


def _mapping(value: object) -> Data:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple | list) else ()


def flows(data: Data) -> Iterator[tuple[str, Path, tuple[Data, ...]]]:
    """Each flow's name, the path of its steps, and its steps; a flow is a list of steps or has one."""
    for name, flow in _mapping(data.get("flows")).items():
        path: Path = ("flows", name, "steps") if isinstance(flow, dict) else ("flows", name)
        yield name, path, tuple(map(_mapping, _list(_mapping(flow).get("steps") if isinstance(flow, dict) else flow)))


def _calendar(calendar: Data) -> Iterator[Fault]:
    window = calendar.get("window")
    start, _, end = window.partition("-") if isinstance(window, str) else ("", "", "")
    if end and not (start < end <= "24:00" and max(start[3:], end[3:]) < "60"):
        mend = "write the first minute and the last, like 08:30-12:00"
        yield Fault(("calendar", "window"), "window-order", f"{window} holds no time of a day", mend)
    zone = calendar.get("tz")
    if isinstance(zone, str) and zone not in ("party", "creditor") and not _is_zone(zone):
        mend = f"{nearest(zone, _zones(), what='a zone:') if _zones() else ''}".split(", ")[0]
        mend = mend if mend.startswith("did") else "write party, creditor or a zone such as Europe/Amsterdam"
        yield Fault(("calendar", "tz"), "unknown-time-zone", f"there is no time zone {zone!r}", mend)
    if "days" in calendar and not _list(calendar["days"]):
        yield Fault(("calendar", "days"), "empty", "on no day anything goes out", "name a day, or leave `days` out")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _zones() -> set[str]:
    from zoneinfo import available_timezones  # noqa: PLC0415 - reads a folder, and only a fault needs it

    return available_timezones()


def _exchange(data: Data) -> Iterator[Fault]:
    for currency, rate in _mapping(data.get("exchange")).items():
        day = _mapping(rate).get("on")
        if isinstance(day, str) and not _is_day(day):
            yield Fault(("exchange", currency, "on"), "wrong-form", f"{day!r} is no day", "write it like 2026-01-31")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


def _segments(data: Data) -> Iterator[Fault]:
    segments = [_mapping(each) for each in _list(data.get("segments"))]
    known = _mapping(data.get("flows"))
    yield from _unique(segments, ("segments",), "segment")
    for place, each in enumerate(segments):
        flow = each.get("flow")
        if isinstance(flow, str) and flow not in known:
            yield Fault(
                ("segments", place, "flow"), "unknown-flow", f"there is no flow `{flow}`", nearest(flow, known, what="the flows are")
            )
        yield from _expression(each.get("when"), ("segments", place, "when"))
    conditions = [each.get("when") for each in segments]
    if conditions and isinstance(conditions[-1], str) and not is_always(conditions[-1]):
        mend = 'end with a segment `{id: rest, when: "true", flow: …}`'
        yield Fault(("segments", len(segments) - 1, "when"), "no-catch-all", _left_over(conditions), mend)


def _left_over(conditions: list[object]) -> str:
    """What is wrong without a catch-all: whom no segment takes, where that can be told."""
    text = "the last segment does not take every debtor that is left"
    try:
        left = outcomes([parse(when) for when in conditions if isinstance(when, str)]).found.get(-1)
    except ExpressionError:
        return text
    return f"{text}; no segment takes {described(left)}" if left is not None else text


def _unique(parts: Iterable[Data], path: Path, what: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, each in enumerate(parts):
        name = each.get("id")
        if isinstance(name, str) and name in seen:
            yield Fault((*path, place, "id"), "duplicate-id", f"a {what} `{name}` stands above already", "give it another id")
        seen.add(name if isinstance(name, str) else "")


def _expression(text: object, path: Path, *, step: bool = False) -> Iterator[Fault]:
    if isinstance(text, str):
        try:
            parse(text, step=step)
        except ExpressionError as error:
            yield Fault(path, error.code, f"{error.text} (character {error.at})", error.mend)


def _prelude(data: Data) -> Iterator[Fault]:
    steps = [_mapping(each) for each in _list(data.get("prelude"))]
    yield from _unique(steps, ("prelude",), "step of the prelude")
    taken = {step.get("id") for _, _, others in flows(data) for step in others}
    for place, step in enumerate(steps):
        yield from _step(step, ("prelude", place))
        if isinstance(step.get("offset"), int) and step["offset"] >= 0:
            text = "the prelude comes before the due date"
            yield Fault(("prelude", place, "offset"), "prelude-after-due", text, "write a negative offset such as -1")
        if step.get("id") in taken:
            mend = "give it another id"
            yield Fault(("prelude", place, "id"), "duplicate-id", f"a flow has a step `{step['id']}` too", mend)
    yield from _order(steps, ("prelude",))


def _flow(data: Data, name: str, path: Path, steps: tuple[Data, ...]) -> Iterator[Fault]:
    yield from _unique(steps, path, f"step of `{name}`")
    yield from _order(steps, path)
    last = _mapping(data.get("humour")).get("last_step", 1)
    firmness = 0
    for place, step in enumerate(steps):
        yield from _step(step, (*path, place))
        firmness, found = _firmness(step, (*path, place), firmness)
        yield from found
        if isinstance(last, int) and place + 1 > last:
            yield from _humour(step, (*path, place), last)


def _order(steps: Iterable[Data], path: Path) -> Iterator[Fault]:
    before: int | None = None
    for place, step in enumerate(steps):
        offset = step.get("offset")
        if not isinstance(offset, int) or isinstance(offset, bool):
            continue
        if before is not None and offset <= before:
            text = f"a step {offset} days after the due date stands after one of {before}"
            yield Fault((*path, place, "offset"), "offset-order", text, "put the steps in the order of their offsets, each later")
        before = max(offset, before) if before is not None else offset


def _firmness(step: Data, path: Path, before: int) -> tuple[int, list[Fault]]:
    """The firmness after a step, and what is wrong with it: it falls, or is too low for a document with consequences."""
    stated = step.get("firmness")
    severe = step.get("document") in SEVERE or bool(step.get("handover"))
    if not isinstance(stated, int) or isinstance(stated, bool):
        return max(before, SEVERE_FIRMNESS if severe else 0), []
    found = []
    if stated < before:
        mend = f"write {before} or more, or leave it out"
        found.append(Fault((*path, "firmness"), "firmness-falls", f"firmness falls from {before} to {stated}", mend))
    elif severe and stated < SEVERE_FIRMNESS:
        what = "a hand-over" if step.get("handover") else f"`{step['document']}`"
        found.append(Fault((*path, "firmness"), "firmness-low", f"{what} has firmness {stated}", f"write {SEVERE_FIRMNESS} or 4"))
    return max(stated, before), found


def _humour(step: Data, path: Path, last: int) -> Iterator[Fault]:
    for key in ("voice", "tone"):
        voice = step.get(key)
        if isinstance(voice, str) and voice.startswith("humour"):
            text = f"a voice with humour at a step after the {last}."
            yield Fault((*path, key), "humour-late", text, "write another voice, or raise `humour: {last_step: …}`")


def _step(step: Data, path: Path) -> Iterator[Fault]:
    both = [key for key in ("all_of", "any_of") if _list(step.get(key))]
    if len(both) == 2:
        yield Fault((*path, "any_of"), "channels-twice", "a step has `all_of` and `any_of`", "keep one of them")
    if not both and not step.get("handover"):
        mend = "add `all_of: [email]`, `any_of: […]` or `handover: …`"
        yield Fault(path, "no-channel", "the step has no channel and hands nothing over", mend)
    if step.get("handover") and step.get("or_handover"):
        yield Fault((*path, "or_handover"), "handover-twice", "a step has `handover` and `or_handover`", "keep one of them")
    for key in ("all_of", "any_of", "fallback", "cc", "contents"):
        yield from _repeated(_list(step.get(key)), (*path, key))
    for channel, when in _mapping(step.get("skip_channels_when")).items():
        yield from _expression(when, (*path, "skip_channels_when", channel), step=True)
    for place, language in enumerate(_list(step.get("lang"))):
        if (
            isinstance(language, str)
            and language != "party.lang"
            and not (len(language) == 2 and language.isalpha() and language.islower())
        ):
            mend = "write party.lang or two small letters, such as nl"
            yield Fault((*path, "lang", place), "wrong-form", f"{language!r} is no language", mend)


def _repeated(values: tuple[Any, ...], path: Path) -> Iterator[Fault]:
    for place, value in enumerate(values):
        if value in values[:place]:
            yield Fault((*path, place), "duplicate-entry", f"`{value}` stands in the list already", "leave one out")


def _experiments(data: Data) -> Iterator[Fault]:
    experiments = [_mapping(each) for each in _list(data.get("experiments"))]
    yield from _unique(experiments, ("experiments",), "experiment")
    known = {name: {step.get("id"): place for place, step in enumerate(steps)} for name, _, steps in flows(data)}
    taken: set[tuple[object, object]] = set()
    for place, each in enumerate(experiments):
        path: Path = ("experiments", place)
        flow, step = each.get("flow"), each.get("step")
        if isinstance(flow, str) and flow not in known:
            yield Fault((*path, "flow"), "unknown-flow", f"there is no flow `{flow}`", nearest(flow, known, what="the flows are"))
        elif isinstance(flow, str) and isinstance(step, str) and step not in known[flow]:
            names = [name for name in known[flow] if isinstance(name, str)]
            yield Fault((*path, "step"), "unknown-step", f"`{flow}` has no step `{step}`", nearest(step, names, what="its steps are"))
        elif (flow, step) in taken:
            yield Fault((*path, "step"), "experiment-clash", f"another experiment changes {flow}/{step}", "let one of them end first")
        taken.add((flow, step))
        yield from _arms(data, each, path, known.get(str(flow), {}).get(step, 0))


def _arms(data: Data, experiment: Data, path: Path, place: int) -> Iterator[Fault]:
    last = _mapping(data.get("humour")).get("last_step", 1)
    for name, arm in _mapping(experiment.get("arms")).items():
        within = (*path, "arms", name)
        if _list(_mapping(arm).get("all_of")) and _list(_mapping(arm).get("any_of")):
            yield Fault((*within, "any_of"), "channels-twice", "an arm has `all_of` and `any_of`", "keep one of them")
        if isinstance(last, int) and place + 1 > last:
            yield from _humour(_mapping(arm), within, last)


def _proposals(data: Data) -> Iterator[Fault]:
    known = {str(step.get("id")) for _, _, steps in flows(data) for step in steps}
    for place, step in enumerate(_list(_mapping(data.get("payment_plans")).get("propose_at"))):
        if isinstance(step, str) and step not in known:
            mend = nearest(step, known, what="the steps are")
            yield Fault(("payment_plans", "propose_at", place), "unknown-step", f"no flow has a step `{step}`", mend)
