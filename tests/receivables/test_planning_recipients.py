"""Whom a step reaches: roles, consent, fallback, channels left out, arms, voice, language, contents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from einvoice.receivables.actions import Action
from einvoice.receivables.policy.model import Arm, Experiment, Plans, Policy
from einvoice.receivables.snapshot import DebtorSnapshot, channels_of
from tests.receivables.test_planning_steps import after, flow_with
from tests.receivables.worlds import contact, debtor, invoice, planned, policy_of

ONLY = "version: 1\nname: one\nsegments: [{{id: all, when: 'true', flow: only}}]\nflows:\n  only:\n    - {step}\n"
EMAIL, PHONE = (
    channels_of(email=True, phone=False, address=False, peppol=False),
    channels_of(email=False, phone=True, address=False, peppol=False),
)
NOTHING: frozenset[str] = frozenset()


def step(text: str, one: DebtorSnapshot | None = None, **changes: Any) -> Action:
    """The action of a policy with one flow of one step."""
    made = policy_of(ONLY.format(step=f"{{id: r1, offset: 0, {text}}}"), **changes)
    action = planned(one or debtor(invoice()), after(0), made)
    assert action is not None
    return action


def by(action: Action) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(message.channel, message.role, message.instead) for message in action.messages]


def noted(action: Action) -> list[str]:
    return [note.code for note in action.why.notes]


def test_all_of_goes_by_every_channel_in_one_action() -> None:
    action = step("all_of: [email, sms]")
    assert by(action) == [("email", "general", ()), ("sms", "general", ())]
    assert (action.kind, action.task) == ("message", None)


def test_any_of_goes_by_the_first_and_knows_the_others() -> None:
    assert by(step("any_of: [whatsapp, sms], fallback: [letter]")) == [("whatsapp", "general", ("sms", "letter"))]


def test_whatsapp_needs_consent_and_sms_only_that_it_was_not_withdrawn() -> None:
    assert by(step("any_of: [whatsapp, sms]", debtor(invoice(), consents={}))) == [("sms", "general", ())]
    refused = debtor(invoice(), consents={"sms": False})
    assert step("any_of: [whatsapp, sms]", refused).task == "repair_address"


def test_a_channel_that_reaches_nobody_is_replaced_or_noted() -> None:
    one = debtor(invoice(), contacts=(contact(channels=EMAIL),))
    action = step("all_of: [email, sms]", one)
    assert (by(action), noted(action)) == ([("email", "general", ())], ["channel"])
    action = step("all_of: [letter], fallback: [sms, email]", one)
    assert (by(action), noted(action)) == ([("email", "general", ())], ["channel"])


def test_no_channel_at_all_is_a_task_for_a_person() -> None:
    action = step("all_of: [letter]", debtor(invoice(), contacts=(contact(channels=NOTHING),)))
    assert (action.kind, action.task, action.messages, noted(action)) == ("task", "repair_address", (), ["no-channel", "channel"])
    assert step("all_of: [email]", debtor(invoice(), contacts=())).task == "repair_address"


def test_a_call_is_a_task_and_beside_a_mail_a_message_with_a_task() -> None:
    assert (step("all_of: [call]").kind, step("all_of: [call]").task) == ("task", "call")
    assert (step("all_of: [email, call]").kind, step("all_of: [email, call]").task) == ("message", "call")


def test_the_contact_by_role_else_who_stands_in_for_it() -> None:
    roles = (contact(1, "general"), contact(2, "finance"), contact(3, "cfo"))
    action = step("all_of: [email], to: accounts_payable, cc: [cfo, management]", debtor(invoice(), contacts=roles))
    assert [(message.contact, message.cc) for message in action.messages] == [(2, (3,))]
    assert noted(action) == ["recipient", "no-copy"]
    assert step("all_of: [email], to: management", debtor(invoice(), contacts=roles[:2])).messages[0].contact == 1
    assert step("all_of: [email]", debtor(invoice(), contacts=(contact(9, "sales"),))).messages[0].contact == 9


def test_another_contact_where_the_role_lacks_the_channel() -> None:
    pair = (contact(1, "finance", channels=PHONE), contact(2, "sales", channels=EMAIL))
    action = step("all_of: [email, call], to: finance", debtor(invoice(), contacts=pair))
    assert [(message.channel, message.contact) for message in action.messages] == [("email", 2), ("call", 1)]


def test_a_channel_left_out_by_the_country() -> None:
    text = 'all_of: [email, call], skip_channels_when: {call: "country.no_call"}'
    assert [channel for channel, _, _ in by(step(text, debtor(invoice(), country="ZZ")))] == ["email"]
    assert [channel for channel, _, _ in by(step(text))] == ["email", "call"]


def test_the_arm_of_an_experiment_changes_the_step_and_stays() -> None:
    arms = {"A": Arm(any_of=("sms",)), "B": Arm(any_of=("whatsapp",), voice="plain")}
    policy = policy_of(experiments=(Experiment(id="one", flow="b2b_sme", step="r1", arms=arms),))
    found = {}
    for number in range(40):
        action = planned(debtor(invoice(number), number=number), after(0), policy)
        assert action == planned(debtor(invoice(number), number=number), after(0), policy)
        assert action is not None
        found[action.why.arm] = (action.messages[0].channel, action.voice)
    assert found == {"one/A": ("sms", "friendly"), "one/B": ("whatsapp", "plain")}


def humorous(policy: Policy) -> Policy:
    steps = tuple(step.model_copy(update={"voice": "humour"}) for step in policy.flows["b2b_sme"].steps)
    return flow_with(policy, "b2b_sme", steps=steps)


def test_no_humour_after_the_first_step_or_with_a_dispute() -> None:
    policy = humorous(policy_of())
    first = planned(debtor(invoice()), after(0), policy)
    later = planned(debtor(invoice(flow="b2b_sme", step="r1", offset=0, stepped=after(0))), after(7), policy)
    quarrel = planned(debtor(invoice(), disputes=1), after(0), policy)
    assert [(action.voice, noted(action)) for action in (first, later, quarrel) if action] == [
        ("humour", []),
        (None, ["no-humour"]),
        (None, ["no-humour"]),
    ]


def test_a_payment_plan_is_proposed_at_the_steps_that_say_so() -> None:
    plans = Plans(propose_at=("r1",), min_instalment=Decimal(100))
    assert step("all_of: [email], contents: [paylink]", payment_plans=plans).contents == ("paylink", "payment_plan")
    assert step("all_of: [email]", debtor(invoice(amount="199.99")), payment_plans=plans).contents == ()


def test_the_language_of_contact_debtor_creditor() -> None:
    asked = "all_of: [email], lang: [party.lang, en]"
    assert step("all_of: [email]").language == "nl"
    assert step("all_of: [email]", debtor(invoice(), contacts=(contact(language="fr-BE"),))).language == "fr"
    assert step("all_of: [email]", debtor(invoice(), language=None)).language == "nl"
    assert step(asked, debtor(invoice(), language="de")).language == "de"
    assert step(asked, debtor(invoice(), language="pt")).language == "en"
    assert step("all_of: [email], lang: [de]").language == "de"


def test_firmness_never_falls_within_a_flow() -> None:
    from einvoice.receivables.planning.steps import tables_of

    for table in tables_of(policy_of()).flows.values():
        firmness = [line.firmness for line in table.lines]
        assert firmness == sorted(firmness)
