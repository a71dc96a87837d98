"""What the page of a policy says: sections of facts, tables and sentences, in the reader's language; how it looks is not told here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from einvoice.receivables.policy.model import Flow, Policy, Step
from einvoice.receivables.policy.parsing import parse
from einvoice.receivables.policy.wording import Wording


class Facts(NamedTuple):
    """Labels and what they say."""

    rows: tuple[tuple[str, str], ...]


class Table(NamedTuple):
    """A table with a caption (empty where the section's title says it), an anchor, the titles of its columns, and rows."""

    caption: str
    anchor: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


class Sentences(NamedTuple):
    """Sentences, one a line."""

    lines: tuple[str, ...]


class Section(NamedTuple):
    """A title and what stands below it."""

    title: str
    blocks: tuple[Facts | Table | Sentences, ...]


def sections(policy: Policy, words: Wording) -> Iterator[Section]:
    """Every section of the page, in order."""
    say = words.say
    facts = ((say("name"), policy.name), (say("hash"), policy.hash), (say("currency"), policy.currency))
    yield Section(say("facts"), (Facts(facts),))
    yield Section(say("segments"), (_segments(policy, words),))
    yield Section(say("flows"), tuple(_flows(policy, words)))
    yield Section(say("calendar"), (_calendar(policy, words),))
    yield Section(say("limits"), (_limits(policy, words),))
    yield Section(say("disputes"), _disputes(policy, words))
    yield Section(say("plans"), (_plans(policy, words),))
    yield from _offers(policy, words)
    yield Section(say("always"), (Sentences(tuple(words.texts("rules"))),))


def _segments(policy: Policy, words: Wording) -> Table:
    last = len(policy.segments)
    rows = (
        (str(place), each.id, words.condition(parse(each.when), last=place == last), each.flow)
        for place, each in enumerate(policy.segments, 1)
    )
    return Table("", "segments", tuple(map(words.say, ("place", "segment", "when", "flow"))), tuple(rows))


def _flows(policy: Policy, words: Wording) -> Iterator[Table]:
    if policy.prelude:
        yield _table(Flow(steps=policy.prelude), words.say("prelude"), "prelude", words)
    for name, flow in policy.flows.items():
        groups = [each.id for each in policy.segments if each.flow == name]
        yield _table(flow, words.say("for_groups", name=name, groups=words.listed(groups)), f"flow-{name}", words)


def _table(flow: Flow, caption: str, anchor: str, words: Wording) -> Table:
    head = tuple(map(words.say, ("day", "channel", "to", "firmness", "document", "details")))
    rows = tuple(_row(flow, step, words) for step in flow.steps)
    return Table(caption, anchor, head, rows, tuple(_rolls(flow, words)))


def _rolls(flow: Flow, words: Wording) -> Iterator[str]:
    """What moves all steps of a flow."""
    if flow.grace:
        yield words.say("grace", n=flow.grace)
    if flow.gap:
        yield words.say("flow_gap", n=flow.gap)
    if flow.pay_day == "party":
        yield words.say("pay_day_party")
    elif flow.pay_day:
        yield words.say("pay_day", n=flow.pay_day)


def _row(flow: Flow, step: Step, words: Wording) -> tuple[str, ...]:
    firmness = flow.firmness_of(step.id)
    channels = words.listed(map(words.word, step.all_of or step.any_of), "and" if step.all_of else "or") if _channels(step) else ""
    over = words.say("handover", who=words.word(step.handover)) if step.handover else ""
    return (
        _day(step.offset, words),
        ", ".join(part for part in (channels, over) if part),
        words.word(step.to) if channels else words.say("none"),
        f"{firmness} {words.choice('firm', firmness)}",
        words.word(step.document) if channels else words.say("none"),
        "; ".join(_details(step, words)),
    )


def _channels(step: Step) -> bool:
    return bool(step.all_of or step.any_of)


def _day(offset: int, words: Wording) -> str:
    if offset == 0:
        return words.say("on_due")
    side = "after" if offset > 0 else "before"
    return words.say(f"{side}_one") if abs(offset) == 1 else words.say(side, n=abs(offset))


def _details(step: Step, words: Wording) -> Iterator[str]:
    """Everything else that a step says."""
    say, word = words.say, words.word
    if step.cc:
        yield say("cc", who=words.listed(map(word, step.cc)))
    if step.voice:
        yield say("voice", voice=word(step.voice))
    if step.contents:
        yield say("contents", what=words.listed(map(word, step.contents)))
    if step.lang:
        yield say("lang", languages=words.languages(step.lang))
    for channel, when in step.skip_channels_when.items():
        yield say("skip", channel=word(channel), when=words.condition(parse(when, step=True)))
    if step.fallback:
        yield say("fallback", channels=words.listed(map(word, step.fallback), "or"))
    if step.or_handover:
        yield say("or_handover", who=word(step.or_handover))
    if step.claimed != "none":
        yield words.choice("claims", step.claimed)
    if step.final:
        yield say("final")


def _calendar(policy: Policy, words: Wording) -> Facts:
    calendar, say = policy.calendar, words.say
    zone = words.choice("zones", calendar.tz) if calendar.tz in ("party", "creditor") else calendar.tz
    return Facts(
        (
            (say("days"), words.weekdays(calendar.days)),
            (say("window"), calendar.window.replace("-", " – ")),
            (say("zone"), zone),
            (say("holidays"), words.choice("holiday", calendar.holidays)),
        )
    )


def _limits(policy: Policy, words: Wording) -> Facts:
    limits, say = policy.limits, words.say
    rows = [
        (say("per_day"), str(limits.per_debtor_per_day)),
        (say("per_week"), str(limits.per_debtor_per_7d)),
        (say("gap"), str(limits.gap)),
        (say("contacts"), str(limits.min_contacts_before_collection)),
        (say("grouping"), words.choice("groupings", policy.grouping)),
        (say("entry"), words.choice("entries", policy.entry)),
        (say("consent"), words.listed(map(words.word, policy.consent_required), "or")),
        (say("costs"), words.choice("regimes", policy.costs.get("regime", "by_law"))),
    ]
    if policy.minimum:
        rows.insert(4, (say("minimum"), words.money(policy.minimum)))
    if policy.call_after_ignored:
        rows.append((say("call_after_ignored"), say("days_n", n=policy.call_after_ignored.after_days)))
    return Facts(tuple(rows))


def _disputes(policy: Policy, words: Wording) -> tuple[Table | Facts, ...]:
    rows = tuple((words.word(category), str(days)) for category, days in policy.disputes.categories.items())
    made: list[Table | Facts] = [Table("", "disputes", (words.say("category"), words.say("resolve")), rows)] if rows else []
    breaches = policy.disputes.on_sla_breach.items()
    if breaches:
        made.append(Facts(tuple((words.say("breach", kind=words.word(kind)), words.choice("breaches", then)) for kind, then in breaches)))
    return tuple(made)


def _plans(policy: Policy, words: Wording) -> Facts:
    plans, say = policy.payment_plans, words.say
    rows = [
        (say("instalments"), str(plans.max_instalments)),
        (say("instalment"), words.money(plans.min_instalment)),
        (say("max_days"), str(plans.max_days)),
        (say("auto"), words.money(plans.auto_approve_below)),
        (say("missed"), words.choice("missed_then", plans.on_missed.then).format(n=plans.on_missed.grace_days)),
    ]
    return Facts((*rows, *([(say("propose"), ", ".join(plans.propose_at))] if plans.propose_at else [])))


def _offers(policy: Policy, words: Wording) -> Iterator[Section]:
    """Promises, discounts and experiments, where there are any."""
    say = words.say
    labels = {"tolerance_days": "tolerance", "max_days": "promise_days"}
    if policy.promises:
        yield Section(say("promises"), (Facts(tuple((say(labels[key]), str(days)) for key, days in policy.promises.items())),))
    if policy.discounts:
        rows = [(f"{each.percent} %", str(each.within_days), words.condition(parse(each.when))) for each in policy.discounts]
        yield Section(say("discounts"), (Table("", "discounts", tuple(map(say, ("percent", "within", "when"))), tuple(rows)),))
    if policy.experiments:
        tests = tuple((each.id, each.flow, each.step, _arms(each.arms, words)) for each in policy.experiments)
        yield Section(say("experiments"), (Table("", "experiments", tuple(map(say, ("experiment", "flow", "step", "arms"))), tests),))


def _arms(arms: object, words: Wording) -> str:
    assert isinstance(arms, dict)
    made: list[str] = []
    for name, arm in arms.items():
        channels: Sequence[str] = arm.all_of or arm.any_of
        parts = [words.listed(map(words.word, channels), "and" if arm.all_of else "or")] if channels else []
        parts += [words.say("voice", voice=words.word(arm.voice))] if arm.voice else []
        parts += [words.say("contents", what=words.listed(map(words.word, arm.contents)))] if arm.contents else []
        made.append(f"{name}: {', '.join(parts) or words.say('none')}")
    return "; ".join(made)
