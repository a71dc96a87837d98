"""What a policy that can be used still does not do: gaps, segments nothing reaches, steps that cannot be taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from einvoice.receivables.policy import consistency, nodes
from einvoice.receivables.policy.expression import And, Expression, Not, Test
from einvoice.receivables.policy.finding import Fault, Finding, Path
from einvoice.receivables.policy.model import Flow, Policy, Step
from einvoice.receivables.policy.parsing import parse
from einvoice.receivables.policy.reasoning import Outcomes, can_hold, described, outcomes

CODES = (
    "gap",
    "unreachable-segment",
    "contradiction",
    "undecided",
    "unused-flow",
    "unreachable-step",
    "impossible-channels",
    "handover-never",
    "step-too-soon",
    "severe-first",
)
"""What `check` finds in a policy that can be used."""


def check(policy: Policy, source: str | None = None) -> tuple[Finding, ...]:
    """Everything that is amiss with a policy, in the order of its text; empty where nothing is. `source` names its file.

    Codes: CODES, and those of `load` for a policy that was built in Python.
    """
    document = nodes.read(policy.text, source)
    data = document.data if isinstance(document.data, dict) else policy.model_dump()
    faults = (*consistency.faults(data), *_segments(policy), *_flows(policy, data))
    found = [Finding(fault.code, fault.text, fault.mend, document.place(fault.path)) for fault in faults]
    return tuple(sorted(found, key=lambda each: (each.place.line or 0, str(each))))


def _segments(policy: Policy) -> Iterator[Fault]:
    """Debtors that no segment takes, and segments that take no debtor."""
    expressions = [parse(each.when) for each in policy.segments]
    made = outcomes(expressions)
    if not made.complete:
        text = "the segments ask more than can be worked through, so gaps and segments that nothing reaches may stay unnamed"
        yield Fault(("segments",), "undecided", text, "ask less in one policy")
    if -1 in made.found:
        mend = 'end with a segment `{id: rest, when: "true", flow: …}`'
        yield Fault(("segments",), "gap", f"no segment takes {described(made.found[-1])}", mend)
    for place, expression in enumerate(expressions):
        if made.complete and place not in made.found:
            yield _unreachable(policy, expressions, place, expression)


def _unreachable(policy: Policy, expressions: list[Expression], place: int, expression: Expression) -> Fault:
    path: Path = ("segments", place, "when")
    name = policy.segments[place].id
    if not can_hold(expression):
        return Fault(
            path, "contradiction", f"no debtor can fit segment `{name}`", "its comparisons exclude each other: correct or remove it"
        )
    before = [policy.segments[other].id for other in sorted(outcomes(expressions[:place], expression).found) if other >= 0]
    text = f"nothing can reach segment `{name}`: its debtors are taken before by {', '.join(before)}"
    return Fault(path, "unreachable-segment", text, f"move it before {before[0]}, or remove it")


def _flows(policy: Policy, data: dict[str, Any]) -> Iterator[Fault]:
    used = {each.flow for each in policy.segments}
    paths = {name: path for name, path, _ in consistency.flows(data)}
    for name, flow in policy.flows.items():
        if name not in used:
            yield Fault(("flows", name), "unused-flow", f"no segment uses flow `{name}`", "name it in a segment, or remove it")
        yield from _steps(policy, name, flow, paths.get(name, ("flows", name)))


def _steps(policy: Policy, name: str, flow: Flow, path: Path) -> Iterator[Fault]:
    """Steps of a flow that are never taken, or not as they are written."""
    contacts, gap, ended = len(policy.prelude), flow.gap or policy.limits.gap, ""
    for place, step in enumerate(flow.steps):
        here = (*path, place)
        if ended:
            yield Fault(
                here, "unreachable-step", f"step `{step.id}` stands after the final step `{ended}`", "make it final instead, or remove it"
            )
        ended = ended or (step.id if step.final or step.handover else "")
        yield from _handover(policy, step, here, contacts)
        contacts += bool(step.all_of or step.any_of)
        before = flow.steps[place - 1].offset
        if place and 0 < step.offset - before < gap:
            text = f"step `{step.id}` comes {step.offset - before} days after the one before, and waits until {gap} have passed"
            yield Fault((*here, "offset"), "step-too-soon", text, f"write {before + gap} or more")
        if not place and step.is_severe:
            text = f"the first step `{step.id}` has consequences that no reminder goes before"
            yield Fault(here, "severe-first", text, "put a reminder before it")
        if _is_impossible(policy, name, step):
            text = f"no channel of step `{step.id}` can be used for any debtor of flow `{name}`"
            yield Fault(here, "impossible-channels", text, "add a channel, or a `fallback`")


def _handover(policy: Policy, step: Step, path: Path, contacts: int) -> Iterator[Fault]:
    least = policy.limits.min_contacts_before_collection
    key = "handover" if step.handover else "or_handover"
    if getattr(step, key) and contacts < least:
        text = f"the hand-over can never come: {contacts} contacts go before it, {least} are needed"
        yield Fault((*path, key), "handover-never", text, "add steps before it, or lower `limits.min_contacts_before_collection`")


_CONSUMER = Test("party.kind", "==", "b2c")


def _is_impossible(policy: Policy, flow: str, step: Step) -> bool:
    """Whether all channels of a step are left out for every debtor that comes to it; no consumer is reached over Peppol."""
    channels = (*step.all_of, *step.any_of, *step.fallback)
    left_out: list[Expression] = [parse(when, step=True) for channel, when in step.skip_channels_when.items() if channel in channels]
    open_to_all = [channel for channel in channels if channel not in step.skip_channels_when and channel != "peppol"]
    if not channels or open_to_all or step.handover or step.or_handover:
        return False
    if "peppol" in channels and "peppol" not in step.skip_channels_when:
        left_out.append(_CONSUMER)
    made: Outcomes = outcomes([parse(each.when) for each in policy.segments], Not(And(tuple(left_out))))
    return made.complete and not any(place >= 0 and policy.segments[place].flow == flow for place in made.found)
