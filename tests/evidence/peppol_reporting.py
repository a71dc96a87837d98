"""The monthly reports: every number counted twice, and our rules beside the official ones."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.evidence import Figure, NotMeasured, figure, scaled


@figure(
    "report-rules",
    bar="TSR 1.0.5, EUSR 1.1.5: changed reports judged by the official stylesheets: 0 differ, all rules broken by some",
    item=8,
)
def report_rules() -> Figure:
    from einvoice.database import connect
    from einvoice_peppol.reporting import Kind
    from tests import stylesheets
    from tests.outbox.world import migrated
    from tests.peppol.test_reporting import agreement

    texts, holds = [], True
    for kind, rules in ((Kind.TSR, 40), (Kind.EUSR, 42)):
        with TemporaryDirectory() as folder, migrated("sqlite", Path(folder)) as engine, connect(engine) as connection:
            try:
                judged, other, broken = agreement(connection, kind, max(1_500, scaled(4_000)), 3)
            except stylesheets.Absent as reason:
                raise NotMeasured(str(reason)) from None
        texts.append(f"{kind.value} {judged:,} judged, {len(other)} differ, {len(broken)} of {rules} rules broken")
        holds = holds and judged > 1_000 and not other and len(broken) == rules
    return Figure("; ".join(texts), holds)


@figure(
    "report-numbers", bar="months of random exchanges: each number equals a recount; the official stylesheets find nothing in ours", item=8
)
def report_numbers() -> Figure:
    from einvoice.database import connect
    from einvoice_peppol.reporting import Kind, make
    from tests import stylesheets
    from tests.outbox.world import migrated
    from tests.peppol.reporting_world import SEAT, filled
    from tests.peppol.test_reporting import MONTH, counted_transactions, counted_users, parts

    months, right, clean = max(10, scaled(40)), 0, 0
    for seed in range(months):
        with TemporaryDirectory() as folder, migrated("sqlite", Path(folder)) as engine, connect(engine) as connection:
            exchanges = filled(connection, 100 + seed, 0 if seed == 0 else 500)
            made = [make(connection, kind, MONTH, SEAT, country="NL") for kind in Kind]
        right += parts(made[0]) == counted_transactions(exchanges) and parts(made[1]) == counted_users(exchanges)
        try:
            clean += all(not stylesheets.fatal(f"peppol-{kind.value}", data) for kind, data in zip(Kind, made, strict=True))
        except stylesheets.Absent as reason:
            raise NotMeasured(str(reason)) from None
    return Figure(f"{right} of {months} months right, {clean} without a finding", right == clean == months)


@figure("report-tests", bar="all tests of the reports hold, on SQLite and PostgreSQL", item=8)
def report_tests() -> Figure:
    from tests.evidence.peppol_identifiers import tests

    return tests("tests/peppol/test_reporting.py")
