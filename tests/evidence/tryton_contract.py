"""The plugin contract: mapping by the ledger, posting, the outbox and debtors over foreign tables, and the kit that finds faults."""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.evidence import Figure, NotMeasured, figure, scaled


@figure("contract-cases", bar="15 cases: valid by our rules and by the official artefacts, payable = ledger to the cent", item=1)
def contract_cases() -> Figure:
    import einvoice
    from einvoice.report import Verdict
    from einvoice_plugins import mapping, posting
    from einvoice_plugins.conformance.cases import cases
    from tests import artefacts, stylesheets

    valid = equal = 0
    written: list[bytes] = []
    for record in cases().values():
        judged = posting.judge(mapping.invoice(record))
        assert judged.xml is not None
        totals = einvoice.read(judged.xml).totals
        valid += judged.may_send
        equal += totals is not None and totals.amount_due == abs(record.ledger.open)
        written.append(judged.xml)
    with TemporaryDirectory() as folder:
        try:
            home = artefacts.full(Path(folder, "store"))
        except stylesheets.Absent as absent:
            raise NotMeasured(str(absent)) from absent
        with artefacts.store(home):
            official = sum(einvoice.validate(xml, official=True).verdict is Verdict.VALID for xml in written)
    count = len(cases())
    return Figure(
        f"{valid} valid, {official} officially, {equal} equal to the ledger, of {count}", valid == official == equal == count == 15
    )


@figure("contract-mismatches", bar="any one figure of a record changed by a cent or more: always noticed, never mended", item=1)
def contract_mismatches() -> Figure:
    from einvoice_plugins import mapping
    from einvoice_plugins.conformance.cases import cases

    random, found, tried = Random(8), 0, scaled(20_000)
    records = list(cases().values())
    for _ in range(tried):
        record = random.choice(records)
        cents = Decimal(random.choice([-1, 1]) * random.randint(1, 100_000)).scaleb(-2)
        name = random.choice(["untaxed", "tax", "total", "open", "prepaid", "rounding", "line", "base", "amount"])
        if name == "line":
            at = random.randrange(len(record.lines))
            parts = tuple(line._replace(net=line.net + cents) if n == at else line for n, line in enumerate(record.lines))
            wrong = record._replace(lines=parts)
        elif name in ("base", "amount"):
            at = random.randrange(len(record.taxes))
            taxes = tuple(tax._replace(**{name: getattr(tax, name) + cents}) if n == at else tax for n, tax in enumerate(record.taxes))
            wrong = record._replace(taxes=taxes)
        else:
            wrong = record._replace(ledger=record.ledger._replace(**{name: getattr(record.ledger, name) + cents}))
        found += not mapping.invoice(wrong).fits
    return Figure(f"{found:,} of {tried:,} changes noticed", found == tried)


@figure("contract-posting-speed", bar="a record mapped, written, checked and judged: ≤ 5 ms an invoice", item=1)
def contract_posting_speed() -> Figure:
    from einvoice_plugins import mapping, posting
    from einvoice_plugins.conformance.cases import cases

    records = list(cases().values())
    for record in records:
        posting.judge(mapping.invoice(record))
    rounds, began = max(2, scaled(50)), perf_counter()
    for _ in range(rounds):
        for record in records:
            posting.judge(mapping.invoice(record))
    each = (perf_counter() - began) / rounds / len(records) * 1_000
    return Figure(f"{each:.2f} ms an invoice", each <= 5)


@figure("contract-outbox", bar="hypothesis: the outbox over foreign rows = the SQL store, row by row, in any order of events", item=1)
def contract_outbox() -> Figure:
    return _tests("tests/plugins/contract/test_foreign.py", "-m", "slow or not slow")


@figure(
    "contract-kills",
    bar="2 workers over an ERP's table, 100 kills -9: 0 duplicates, 0 lost, unknown ≤ kills; its judge sees duplicates",
    item=1,
)
def contract_kills() -> Figure:
    from tests.plugins.small.kills import kills

    wanted = scaled(100)
    verdict, judge = kills(100 * wanted, wanted), kills(1_500, 15, resend="same_bytes")
    holds = verdict.holds and verdict.kills == wanted and judge.doubled > 0
    return Figure(f"{verdict}; sent again where it may: {judge.doubled} twice, seen by the same judge", holds)


@figure("contract-debtors", bar="debtors over foreign tables: snapshots, saving and withdrawing = the SQL repository, in any order", item=1)
def contract_debtors() -> Figure:
    return _tests("tests/plugins/contract/test_repository.py", "-m", "slow or not slow")


@figure("contract-queries", bar="as many queries for 2,000 debtors as for 20: ten", item=1)
def contract_queries() -> Figure:
    from einvoice.database import connect, reading
    from einvoice_plugins.repository import Repository
    from tests.plugins.small.desk import SqlDesk
    from tests.receivables import books
    from tests.receivables.bulk import DAY, fill

    found: dict[int, int] = {}
    for invoices in (100, 10_000):
        with TemporaryDirectory() as folder, books.database(Path(folder)) as engine:
            with connect(engine) as connection:
                creditor = fill(connection, invoices, ledger=False)
            with reading(engine) as connection:
                desk = SqlDesk(connection)
                count = sum(1 for _ in Repository(lambda _, desk=desk: desk).snapshots(connection, creditor, DAY))  # type: ignore[misc]
                found[count] = desk.queries
    text = ", ".join(f"{queries} queries for {count:,} debtors" for count, queries in found.items())
    return Figure(text, set(found.values()) == {10} and max(found) > 1_000)


@figure("contract-kit", bar="a small ERP passes every check; each check finds the fault of a plugin that has it", item=1)
def contract_kit() -> Figure:
    from einvoice_plugins.conformance.checks import CHECKS, Nonconformance
    from tests.plugins.small.erp import SmallErp
    from tests.plugins.small.faulty import FAULTS

    passed, found, wanted = 0, set[str](), sum(len(fault.found_by) for fault in FAULTS)
    caught = 0
    for check in CHECKS.values():
        with TemporaryDirectory() as folder:
            plugin = SmallErp(Path(folder))
            check(plugin)
            plugin.engine.dispose()
            passed += 1
    for fault in FAULTS:
        for name in fault.found_by:
            with TemporaryDirectory() as folder:
                plugin = fault.plugin(Path(folder))
                try:
                    CHECKS[name](plugin)
                except Nonconformance:
                    caught += 1
                    found.add(name)
                plugin.engine.dispose()
    text = f"{passed} of {len(CHECKS)} checks pass, {len(FAULTS)} faulty plugins: {caught} of {wanted} times found"
    return Figure(text, passed == len(CHECKS) and caught == wanted and found == set(CHECKS))


def _tests(path: str, *more: str) -> Figure:
    """The tests of a file: all of them passed, none was skipped."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path, *more]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    said = (ran.stdout.strip().splitlines() or ["nothing"])[-1]
    passed = re.search(r"(\d+) passed", said)
    skipped = re.search(r"(\d+) skipped", said)
    text = f"{passed[1] if passed else 0} tests hold" + (f", {skipped[1]} skipped" if skipped else "")
    return Figure(text if not ran.returncode else f"{text}; {said}", not ran.returncode and passed is not None and skipped is None)
