"""Tryton for real: invoices of each kind from the ledger to valid XML, the gate, and the way to an access point and back."""

from __future__ import annotations

from tests.evidence import Figure, NotMeasured, figure


@figure("tryton-module", bar="views, fields, access and dependencies are whole by Tryton's own tests of modules; 8.0 and 8.2", item=2)
def module() -> Figure:
    """What Tryton checks of every module."""
    return _on_each_series("test_module")


@figure(
    "tryton-documents", bar="15 kinds of posted invoices: officially valid, payable is what the ledger leaves open; 8.0 and 8.2", item=2
)
def documents() -> Figure:
    """Credit note, reverse charge, intra-community, exempt, two currencies, allowances, prepayment and more."""
    return _on_each_series("test_mapping")


@figure("tryton-gate", bar="fatal findings block posting, with reasons and links in four languages; a setting makes it a warning", item=2)
def gate() -> Figure:
    """Posting what is not valid."""
    return _on_each_series("test_posting")


@figure(
    "tryton-sending", bar="nothing leaves before commit; sent once, delivered, failed, unknown: the invoice says so; 8.0 and 8.2", item=2
)
def sending() -> Figure:
    """From the outbox in Tryton's tables to a server that behaves as Peppyrus, and back."""
    return _on_each_series("test_sending")


@figure("tryton-removal", bar="two upgrades change nothing; deactivated, Tryton posts invoices without the module; 8.0 and 8.2", item=3)
def removal() -> Figure:
    """Upgrading and removing, as an administrator does it."""
    return _on_each_series("test_removal")


def _on_each_series(test: str) -> Figure:
    from tests.plugins.tryton import running

    try:
        ran = {series: running.run(series, test) for series in running.SERIES}
    except running.Absent as absent:
        raise NotMeasured(str(absent)) from absent
    told = ", ".join(f"{series}: {each.number} tests {'hold' if each.holds else 'FAIL'}" for series, each in ran.items())
    return Figure(told, all(each.holds for each in ran.values()))
