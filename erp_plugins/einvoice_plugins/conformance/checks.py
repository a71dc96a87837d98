"""What the contract asks of a plugin, each a function that raises Nonconformance where it does not hold.

They need no test framework; `kit` makes tests of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from functools import partial

import einvoice
from einvoice.errors import EInvoiceError, SettingsError
from einvoice.outbox import Effect, Outcome, State
from einvoice.report import Verdict
from einvoice_plugins.conformance import cases, debtors
from einvoice_plugins.conformance.plugin import Blocked, Plugin
from einvoice_plugins.delivery import Delivery
from einvoice_plugins.records import Record

Check = Callable[[Plugin], None]
_HOUR, _DAYS = timedelta(hours=3), timedelta(days=3)


class Nonconformance(AssertionError):
    """What a plugin does not do."""


class Killed(BaseException):
    """The worker's process dies here."""


class Line:
    """A network that keeps what arrives; `ends` are what becomes of the next documents, sent unless told."""

    recognises_keys = False

    def __init__(self, *ends: Outcome | type[Killed]) -> None:
        self.arrived: list[Effect] = []
        self._ends = list(ends)

    def send(self, effect: Effect) -> Outcome:
        """Takes a document, or does as told; a worker that is killed has sent it."""
        end = self._ends.pop(0) if self._ends else Outcome(State.SENT, provider="m-1")
        if not isinstance(end, Outcome) or end.state is State.SENT:
            self.arrived.append(effect)
        if isinstance(end, Outcome):
            return end
        raise end


def must(holds: object, what: str) -> None:
    """Raises Nonconformance where something does not hold."""
    if not holds:
        raise Nonconformance(what)


def wrong() -> Record:
    """A record whose buyer has no electronic address: fatal under Peppol (PEPPOL-EN16931-R010)."""
    plain = cases.cases()["plain"]
    return plain._replace(number="W-1", buyer=plain.buyer._replace(name="Nergens NV", electronic=None))


def _posted(plugin: Plugin, record: Record) -> str:
    """A record that must be posted."""
    try:
        return plugin.post(record)
    except Blocked as refused:
        raise Nonconformance(f"{record.number} was not posted: {refused}") from refused


def posting_is_blocked(plugin: Plugin) -> None:
    """An invoice with a fatal finding stays a draft, and the user reads which rule, with a link."""
    try:
        plugin.post(wrong())
    except Blocked as refused:
        must("PEPPOL-EN16931-R010" in str(refused), f"the text does not name the rule: {refused}")
        must("https://" in str(refused), f"the text has no link to the rule: {refused}")
    else:
        raise Nonconformance("an invoice with a fatal finding was posted")
    draft = plugin.draft("W-1")
    must(draft is not None and not plugin.is_posted(draft), "the draft is gone")


def posting_is_lowered(plugin: Plugin) -> None:
    """Set to warn, it is posted, and still not sent."""
    line = Line()
    plugin.network(line)
    plugin.set("mode", "live")
    plugin.set("weigh", "warn")
    document = _posted(plugin, wrong())
    must(plugin.is_posted(document), "set to warn, an invoice with a fatal finding is not posted")
    with suppress(EInvoiceError, Blocked):
        plugin.submit(document)
    plugin.cron()
    must(not line.arrived, "an invoice that is not valid was sent")


def settings_are_judged(plugin: Plugin) -> None:
    """What no setting can be is refused."""
    for name, value in (("weigh", "perhaps"), ("no such setting", 1)):
        try:
            plugin.set(name, value)
        except SettingsError:
            continue
        raise Nonconformance(f"{name} = {value!r} was taken")


def case_is_right(name: str, plugin: Plugin) -> None:
    """The XML is valid, and asks for what the ledger leaves open, to the cent."""
    record = cases.cases()[name]
    document = _posted(plugin, record)
    xml = plugin.xml(document)
    must(xml is not None, "no XML was kept")
    assert xml is not None
    report = einvoice.validate(xml)
    must(report.verdict is Verdict.VALID, report.summary())
    totals = einvoice.read(xml).totals
    assert totals is not None
    must(totals.amount_due == abs(plugin.open(document)), f"the XML asks for {totals.amount_due}, the ledger for {plugin.open(document)}")
    must(plugin.open(document) == record.ledger.open, f"the ledger has {plugin.open(document)}, the case {record.ledger.open}")
    for term, stated in (("vat", record.ledger.tax), ("total_with_vat", record.ledger.untaxed + record.ledger.tax)):
        must(getattr(totals, term) == abs(stated), f"{term} is {getattr(totals, term)}, not {abs(stated)}")
    paid = totals.paid_amount or Decimal(0)
    must(paid == record.ledger.prepaid, f"the XML says that {paid} was paid, it was {record.ledger.prepaid}")


def _sending(plugin: Plugin, line: Line) -> str:
    """An invoice that was posted and asked to be sent over a network."""
    plugin.network(line)
    plugin.set("mode", "live")
    document = plugin.post(cases.cases()["plain"])
    plugin.submit(document)
    return document


def nothing_leaves_before_commit(plugin: Plugin) -> None:
    """Posting and asking touch no network, and the mode of a new plugin lets nothing out."""
    line = Line()
    plugin.network(line)
    with plugin.unit():
        document = plugin.post(cases.cases()["plain"])
        plugin.submit(document)
        must(not line.arrived, "it was sent before the transaction was committed")
    plugin.cron()
    must(not line.arrived, "a plugin that nobody has set to live sends")
    plugin.set("mode", "live")
    plugin.cron()
    must(len(line.arrived) == 1, "what was committed is not sent")
    must(line.arrived[0].payload == plugin.xml(document), "other bytes were sent than those that were kept")


def rollback_leaves_nothing(plugin: Plugin) -> None:
    """What is rolled back was never posted nor asked for."""
    line = Line()
    plugin.network(line)
    plugin.set("mode", "live")
    with suppress(Killed), plugin.unit():
        plugin.submit(plugin.post(cases.cases()["plain"]))
        raise Killed
    plugin.cron()
    must(not line.arrived, "what was rolled back was sent")
    must(plugin.draft("C-1") is None, "what was rolled back is there")


def sent_once(plugin: Plugin) -> None:
    """However often it is asked for and the cron runs."""
    line = Line()
    document = _sending(plugin, line)
    for _ in range(3):
        plugin.submit(document)
        plugin.cron()
        plugin.later(_HOUR)
    must(len(line.arrived) == 1, f"it was sent {len(line.arrived)} times")
    must(plugin.delivery(document) is Delivery.SENT, f"it is {plugin.delivery(document)}, not sent")


def killed_is_unknown(plugin: Plugin) -> None:
    """A worker that dies while it sends leaves it unknown, and nobody sends it again."""
    line = Line(Killed)
    document = _sending(plugin, line)
    with suppress(Killed):
        plugin.cron()
    for _ in range(3):
        plugin.later(_HOUR)
        plugin.cron()
    must(len(line.arrived) == 1, f"it was sent {len(line.arrived)} times")
    must(plugin.delivery(document) is Delivery.UNKNOWN, f"it is {plugin.delivery(document)}, not unknown")


def tried_again(plugin: Plugin) -> None:
    """What surely did not leave waits and goes out later; what is refused says so."""
    line = Line(Outcome(State.PLANNED, reason="nobody answers"))
    document = _sending(plugin, line)
    must(plugin.delivery(document) is Delivery.WAITING, "asked for, it does not wait")
    plugin.cron()
    must(plugin.delivery(document) is Delivery.WAITING, "not sent yet, it does not wait")
    plugin.later(_DAYS)
    plugin.cron()
    must(plugin.delivery(document) is Delivery.SENT, "it was not tried again")


def refused_is_told(plugin: Plugin) -> None:
    """What the other side refused for good says so."""
    document = _sending(plugin, Line(Outcome(State.FAILED, reason="no such receiver")))
    plugin.cron()
    must(plugin.delivery(document) is Delivery.REFUSED, f"it is {plugin.delivery(document)}, not refused")


def states_come_back(plugin: Plugin) -> None:
    """Reports and responses are seen on the invoice, late and in any order."""
    document = _sending(plugin, Line())
    must(plugin.delivery(document) is Delivery.WAITING, "it does not wait")
    plugin.cron()
    plugin.report(document, Outcome(State.DELIVERED))
    must(plugin.delivery(document) is Delivery.DELIVERED, "a report of delivery is not seen")
    plugin.answer(document, "AP", "2026-03-05")
    plugin.answer(document, "UQ", "2026-03-04")
    must(plugin.delivery(document) is Delivery.ACCEPTED, "an older answer wins over a later one")
    plugin.answer(document, "RE", "2026-03-06")
    must(plugin.delivery(document) is Delivery.REJECTED, "a rejection is not seen")


def snapshots_are_right(plugin: Plugin) -> None:
    """The repository gives the debtors that were entered."""
    plugin.enter(debtors.debtors())
    found, wanted = debtors.same(plugin.snapshots(debtors.DAY)), debtors.same(debtors.debtors())
    must(len(found) == len(wanted), f"{len(found)} debtors, not {len(wanted)}")
    for one, other in zip(found, wanted, strict=True):
        for part, value in other.items():
            must(one[part] == value, f"debtor {other['key']}: {part} is {one[part]}, not {value}")


def actions_are_kept_once(plugin: Plugin) -> None:
    """A planned action is kept once, moves its invoice on, and gives it back when it is withdrawn."""
    plugin.enter(debtors.debtors())
    debtor = next(each for each in plugin.snapshots(debtors.DAY) if each.key == "D1")
    action = debtors.reminder(debtor)
    must(plugin.save([action]).saved == 1, "an action is not kept")
    must(plugin.save([action]).there == 1, "an action is kept twice")
    moved = next(each for each in plugin.snapshots(debtors.DAY) if each.key == "D1")
    must(moved.pending and moved.steps_on == (debtors.DAY,), "a planned action is not seen")
    must(any((item.flow, item.step, item.trail) == ("be", "first", "be.first ") for item in moved.invoices), "no invoice has moved on")
    must(plugin.cancel(action.id), "it cannot be withdrawn")
    must(not plugin.cancel(action.id), "it can be withdrawn twice")
    after = next(each for each in plugin.snapshots(debtors.DAY) if each.key == "D1")
    must(debtors.same([after]) == debtors.same([debtor]), "what was withdrawn leaves traces")


def uninstalling_leaves_the_erp(plugin: Plugin) -> None:
    """The ERP posts as before, and what was posted is still there."""
    record = cases.cases()["plain"]
    document = plugin.post(record)
    plugin.uninstall()
    must(plugin.is_posted(document) and plugin.open(document) == record.ledger.open, "what was posted is gone")
    after = _posted(plugin, wrong())
    must(plugin.is_posted(after), "the ERP does not post without the plugin")


CHECKS: Mapping[str, Check] = {
    **{f"case: {name}": partial(case_is_right, name) for name in cases.cases()},
    "posting is blocked": posting_is_blocked,
    "posting is lowered": posting_is_lowered,
    "settings are judged": settings_are_judged,
    "nothing leaves before commit": nothing_leaves_before_commit,
    "rollback leaves nothing": rollback_leaves_nothing,
    "sent once": sent_once,
    "killed is unknown": killed_is_unknown,
    "tried again": tried_again,
    "refused is told": refused_is_told,
    "states come back": states_come_back,
    "snapshots are right": snapshots_are_right,
    "actions are kept once": actions_are_kept_once,
    "uninstalling leaves the ERP": uninstalling_leaves_the_erp,
}
"""Every check by name."""
