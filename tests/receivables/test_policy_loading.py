"""Reading policies: ours and the design's load as they stand, and every fault of a broken one has its code, line and mend."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einvoice.errors import PolicyError, ReceivablesError
from einvoice.receivables.policy import Policy, check, default, examine, load
from einvoice.receivables.policy.nodes import MOST_BYTES, read
from tests.receivables.policy_broken import BROKEN, SOUND, Broken

EXAMPLE = Path(__file__).with_name("policy-example.yaml")


def test_the_sound_policy_has_no_fault() -> None:
    assert examine(SOUND).findings == ()
    assert check(load(SOUND)) == ()


@pytest.mark.parametrize("broken", BROKEN, ids=[f"{place}-{each.code}" for place, each in enumerate(BROKEN)])
def test_a_fault_has_its_code_line_and_mend(broken: Broken, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(broken.text, "utf-8")
    with pytest.raises(PolicyError) as caught:
        load(path)
    found = caught.value.findings
    assert (broken.code, broken.line) in {(each.code, each.place.line) for each in found}
    assert all(each.mend and each.place.source == str(path) for each in found)
    assert f"{path}:{broken.line}: " in str(caught.value)


def test_all_faults_come_at_once() -> None:
    text = SOUND
    independent = [
        each for each in BROKEN if each.code in ("wrong-type", "firmness-low", "humour-late", "unknown-time-zone", "wrong-comparison")
    ]
    wanted: Counter[str] = Counter()
    for broken in independent:
        if text.count(broken.old):
            text = text.replace(broken.old, broken.new, 1)
            wanted[broken.code] += 1
    found = Counter(each.code for each in examine(text).findings)
    assert len(wanted) == 5
    assert wanted <= found


def test_the_design_s_example_loads_as_it_stands() -> None:
    policy = load(EXAMPLE)
    assert (len(policy.segments), len(policy.flows), sum(len(flow.steps) for flow in policy.flows.values())) == (11, 10, 37)
    assert check(policy) == ()


def test_our_policy_says_what_the_example_says() -> None:
    ours, example = default(), load(EXAMPLE)
    assert [(each.id, each.flow, each.when.replace(" ", "")) for each in ours.segments] == [
        (each.id, each.flow, each.when.replace(" ", "")) for each in example.segments
    ]
    assert {name: [_said(step) for step in flow.steps] for name, flow in ours.flows.items()} == {
        name: [_said(step) for step in flow.steps] for name, flow in example.flows.items()
    }
    assert ours.disputes.categories == example.disputes.categories
    assert (ours.calendar, ours.limits, ours.payment_plans) == (example.calendar, example.limits, example.payment_plans)


def _said(step: object) -> tuple[object, ...]:
    names = ("id", "offset", "all_of", "any_of", "to", "cc", "document", "handover", "or_handover")
    return tuple(getattr(step, name) for name in names)


def test_every_step_of_ours_has_firmness_and_voice() -> None:
    for flow in default().flows.values():
        assert all(step.firmness is not None and (step.voice or step.handover) for step in flow.steps)


def test_firmness_is_inherited_and_graver_with_consequences() -> None:
    flow = load(SOUND).flows["hard"]
    assert [flow.firmness_of(step.id) for step in flow.steps] == [1, 2, 2, 4]
    unsaid = load(SOUND.replace(", firmness: 3", "")).flows["soft"]
    assert [unsaid.firmness_of(step.id) for step in unsaid.steps] == [0, 3]


def test_the_hash_is_of_the_text() -> None:
    assert load(SOUND).hash != load(SOUND + "# a remark\n").hash
    assert load(SOUND).hash == load(SOUND).hash
    assert load(SOUND).flows["hard"].version == load(SOUND + "# a remark\n").flows["hard"].version


def test_the_order_of_words_of_yaml_1_1_is_not_theirs() -> None:
    data = read("a: no\non: 08:30\nb: 1_000\nc: 0o7\nd: 2026-01-31\ne: 12e3\nf: .5\ng: ~\nh: 'true'\ni: 1.50\n").data
    assert data["a"] == "no"
    assert data["on"] == "08:30"
    assert [data[key] for key in "bcdef"] == ["1_000", "0o7", "2026-01-31", "12e3", ".5"]
    assert data["g"] is None
    assert data["h"] == "true"
    assert str(data["i"]) == "1.50"


def test_what_is_no_utf_8_or_too_large_says_so(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(b"version: 1\nname: caf\xe9\n")
    assert [(each.code, each.place.line) for each in examine(path).findings] == [("yaml-encoding", 2)]
    assert [each.code for each in examine("a: " + "x" * MOST_BYTES).findings] == ["yaml-too-large"]
    assert [each.code for each in examine("a: [" + "1," * 30_000 + "]").findings] == ["yaml-too-large"]
    assert [each.code for each in examine("").findings] == ["wrong-type"]
    assert [each.code for each in examine("- a\n- b\n").findings] == ["wrong-type"]
    assert [each.code for each in examine("a: b\n---\na: c\n").findings] == ["yaml-syntax"]
    assert [each.code for each in examine("a: \x07\n").findings] == ["yaml-syntax"]


def test_a_file_that_is_absent_is_told_by_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.yaml")


def test_a_policy_error_is_one_of_the_receivables() -> None:
    assert issubclass(PolicyError, ReceivablesError)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_no_damage_escapes_as_another_error(data: st.DataObject) -> None:
    """Lines cut, doubled, swapped with others, or with a piece of another: a policy or findings, each with a line."""
    lines = SOUND.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        other = lines[data.draw(st.integers(0, len(lines) - 1))]
        lines[place] = data.draw(
            st.sampled_from([lines[place][:-3], "", lines[place] * 2, other, lines[place].replace(":", "", 1), "  " + lines[place]])
        )
    found = examine("\n".join(lines))
    assert (found.policy is None) == bool(found.findings)
    assert all(each.place.line for each in found.findings)


def test_a_policy_built_in_python_is_checked_for_fit_too() -> None:
    flow = [{"id": "r1", "offset": 0, "all_of": ["email"]}, {"id": "r1", "offset": 0, "all_of": ["email"]}]
    segments = [{"id": "a", "when": "party.kind == 'b2b'", "flow": "g"}]
    policy = Policy.model_validate({"version": 1, "name": "x", "segments": segments, "flows": {"f": flow}})
    assert {each.code for each in check(policy)} >= {"duplicate-id", "offset-order", "unknown-flow", "no-catch-all", "gap", "unused-flow"}
