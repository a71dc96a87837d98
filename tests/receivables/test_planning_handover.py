"""Hand-over: delivered contacts on every invoice, never a natural person on a score alone, what the law wants first."""

from __future__ import annotations

from typing import Any

from einvoice.receivables import law
from einvoice.receivables.actions import Note
from einvoice.receivables.law.ruling import Asked, Ruling
from einvoice.receivables.snapshot import DebtorSnapshot
from tests.receivables.test_planning_steps import after
from tests.receivables.worlds import Lenient, codes, contact, debtor, held, invoice, planned, policy_of

POLICY = policy_of()


def ripe(number: int = 1, contacts: int = 3, stepped: int = 25, **facts: Any) -> Any:
    """An invoice at the hand-over of flow score_low."""
    given: dict[str, Any] = {"flow": "score_low", "step": "r3", "offset": 14, "stepped": after(stepped), "contacts": contacts}
    return invoice(number, **{**given, "trail": "score_low.r1 score_low.r2 score_low.r3 ", **facts})


def company(*invoices: Any, **facts: Any) -> DebtorSnapshot:
    return debtor(*invoices, **{"score": 10, **facts})


def test_enough_delivered_contacts_on_every_invoice() -> None:
    action = planned(company(ripe()), after(30), POLICY)
    assert action is not None
    assert (action.kind, action.handover, action.task, action.final) == ("handover", "collection_agency", None, True)


def test_one_contact_too_few_is_refused() -> None:
    assert planned(company(ripe(contacts=2)), after(30), POLICY) is None
    assert codes(held(company(ripe(contacts=2)), after(30), POLICY)) == {"min-contacts"}


def test_only_the_invoices_with_enough_contacts_go() -> None:
    one = company(ripe(1), ripe(2, contacts=2))
    action = planned(one, after(30), POLICY)
    assert action is not None
    assert [claimed.invoice for claimed in action.invoices] == [1]
    assert [(each.invoices, [note.code for note in each.notes]) for each in held(one, after(30), POLICY)] == [((2,), ["min-contacts"])]


def test_contacts_that_will_never_be_delivered_end_with_a_person() -> None:
    action = planned(company(ripe(contacts=2)), after(35), POLICY)
    assert action is not None
    assert (action.kind, action.task, action.handover) == ("task", "decide", None)
    assert [note.code for note in action.why.notes] == ["min-contacts"]


def test_no_natural_person_is_handed_over_on_a_score_alone() -> None:
    action = planned(company(ripe(), kind="b2c", size=None), after(30), POLICY)
    assert action is not None
    assert (action.kind, action.task, action.handover, action.messages) == ("task", "decide", None, ())
    assert [(note.code, bool(note.source)) for note in action.why.notes] == [("score-alone", True)]


def test_a_natural_person_in_a_segment_without_score() -> None:
    text = "segments: [{id: all, when: \"party.kind == 'b2c'\", flow: only}, {id: rest, when: 'true', flow: only}]"
    flow = "flows: {only: [{id: r1, offset: 0, all_of: [email]}, {id: r2, offset: 10, handover: agency}]}"
    policy = policy_of(f"version: 1\nname: short\n{text}\n{flow}\n")
    facts: dict[str, Any] = {"flow": "only", "step": "r1", "offset": 0, "stepped": after(0), "contacts": 3}
    action = planned(debtor(invoice(**facts), kind="b2c", size=None, score=1), after(10), policy)
    assert action is not None
    assert action.handover == "agency"


def abroad(contacts: int, **facts: Any) -> DebtorSnapshot:
    given: dict[str, Any] = {"flow": "international", "step": "r2", "offset": 10, "stepped": after(10), "contacts": contacts}
    return debtor(invoice(**given), country="DE", contacts=(contact(channels=frozenset({"email"})),), **facts)


def test_a_hand_over_where_no_channel_is_left() -> None:
    action = planned(abroad(3), after(30), POLICY)
    assert action is not None
    assert (action.kind, action.handover) == ("handover", "international_collection_agency")
    task = planned(abroad(0), after(30), POLICY)
    assert task is not None
    assert (task.kind, task.task) == ("task", "decide")


class Guarding(Lenient):
    """A law that vetoes one invoice."""

    def rule(self, asked: Asked) -> Ruling:
        vetoed = any(each.id == 1 for each in asked.invoices)
        return Ruling(veto=Note("notice-first", "give notice first", "the law") if vetoed else None)


class Delaying(Lenient):
    """A law that wants another day."""

    def rule(self, asked: Asked) -> Ruling:
        del asked
        return Ruling(not_before=after(33), notes=(Note("why", "so says the law", "the law"),))


def test_the_law_vetoes_one_invoice_and_the_others_go() -> None:
    one = company(ripe(1), ripe(2))
    action = planned(one, after(30), POLICY, Guarding())
    assert action is not None
    assert [claimed.invoice for claimed in action.invoices] == [2]
    assert [(each.invoices, [note.code for note in each.notes]) for each in held(one, after(30), POLICY, Guarding())] == [
        ((1,), ["notice-first"])
    ]
    assert planned(company(ripe(1)), after(30), POLICY, Guarding()) is None


def test_the_law_delays_and_says_until_when() -> None:
    one = company(ripe())
    assert [(note.code, note.until) for each in held(one, after(30), POLICY, Delaying()) for note in each.notes] == [
        ("law-delay", after(32)),
        ("why", None),
    ]
    action = planned(one, after(33), POLICY, Delaying())
    assert action is not None
    assert [note.code for note in action.why.law] == ["why"]


def test_a_vetoed_group_does_not_keep_another_from_going() -> None:
    one = company(ripe(1), invoice(3, after(30)))
    action = planned(one, after(30), POLICY, Guarding())
    assert action is not None
    assert (action.step, [claimed.invoice for claimed in action.invoices]) == ("r1", [3])


def test_a_dutch_consumer_is_not_handed_over_before_the_notice() -> None:
    text = "segments: [{id: all, when: 'true', flow: only}]\n"
    text += "flows: {only: [{id: r1, offset: 1, all_of: [email]}, {id: r2, offset: 10, handover: agency}]}"
    policy = policy_of(f"version: 1\nname: short\n{text}\n", every_day=False)
    facts: dict[str, Any] = {"flow": "only", "step": "r1", "offset": 1, "stepped": after(1), "contacts": 3}
    one = debtor(invoice(**facts), kind="b2c", size=None)
    assert "notice-first" in codes(held(one, after(10), policy, law.load()))
