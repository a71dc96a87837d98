"""Hand-over and exports: what a dossier holds, what refuses it, who gets it; XML by the official schemas; statements beside the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from tests.evidence import Figure, NotMeasured, figure, scaled

if TYPE_CHECKING:
    from tests.smtp import Mailbox


@contextmanager
def _post() -> Iterator[tuple[Path, Mailbox]]:
    """A folder and a mail server."""
    from tests.smtp import serving

    with TemporaryDirectory() as folder, serving(Path(folder) / "mail.log") as mail:
        yield Path(folder), mail


@figure("dossier", bar="every delivered message of the invoices is in it, sums are the ledger's, the same bytes twice", item=5)
def dossier() -> Figure:
    from einvoice.database import connect
    from einvoice.receivables.handover.dossier import make
    from einvoice.receivables.ledger.asof import balance
    from tests.receivables.handover_cases import correspondence, lacking
    from tests.receivables.handover_world import manifest, unzipped

    with _post() as (folder, mail), correspondence(folder, mail, seed=5, debtors=scaled(40)) as made:
        found = lacking(made, seed=5, trials=scaled(200))
        wrong, files = list(found.wrong), 0
        with connect(made.engine) as connection:
            begun = perf_counter()
            for debtor in range(1, scaled(40) + 1):
                one, two = (make(connection, made.creditor, debtor, (), made.clock()) for _ in range(2))
                told = manifest(unzipped(one.data))
                files += len(told["files"])
                owed = balance(connection, debtor, made.clock().date())["EUR"].total
                wrong += [] if one == two else [f"debtor {debtor}: other bytes the second time"]
                wrong += [] if Decimal(told["claimed"]["EUR"]) == owed else [f"debtor {debtor}: {told['claimed']} of {owed}"]
            each = (perf_counter() - begun) / (2 * scaled(40))
    made_all = found.dossiers + 2 * scaled(40)
    text = f"{made_all} dossiers, {found.delivered:,} delivered messages found in them, {files:,} files held to their hashes"
    holds = not wrong and found.delivered >= found.dossiers
    return Figure(f"{text}, {each * 1000:.0f} ms a dossier, {len(wrong)} faults {wrong[:2]}", holds)


@figure("handover-refused", bar="0 dossiers leave for every reason that refuses, in dry_run and redirect; 1 for what is no reason", item=5)
def refused() -> Figure:
    from sqlalchemy import select

    from einvoice.outbox.tables import OUTBOX
    from einvoice.receivables.handover.handing import OWNER
    from tests.receivables.handover_refusals import MORE, REFUSED, sent_after, to_agency, waiting
    from tests.receivables.handover_world import BY_MAIL, handed, handing, owes, reminded, stages

    wrong: list[str] = []
    with _post() as (folder, mail):
        (folder / "ready").mkdir()
        with waiting(folder / "ready", mail) as ready:
            for name, change in (*REFUSED.items(), *MORE.items()):
                made, left = sent_after(ready, mail, change)
                (row,) = made.rows(select(OUTBOX.c.state).where(OUTBOX.c.owner == OWNER))
                expected = (0, "cancelled", False) if name in REFUSED else (1, "sent", True)
                if (left, row.state, "handed_over" in stages(made)) != expected:
                    wrong.append(f"{name}: {left} left, {row.state}, {stages(made)}")
        for name in ("dry_run", "redirect"):
            (folder / name).mkdir()
            with handing(folder / name, mail, BY_MAIL) as made:
                owes(made)
                reminded(made)
                made.mode(name)
                before = len(to_agency(mail))
                handed(made)
                if len(to_agency(mail)) > before or stages(made) != ["open", "open"]:
                    wrong.append(f"{name}: something left")
    return Figure(f"{len(REFUSED)} reasons, 2 modes, {len(MORE)} that are none: {len(wrong)} faults {wrong[:3]}", not wrong)


@figure("agencies", bar="by mail, folder and person, on SQLite and PostgreSQL: handed over only once sent, told once when paid", item=5)
def agencies() -> Figure:
    from sqlalchemy import select

    from einvoice.receivables.cases.tasks import done
    from einvoice.receivables.store.tables import TASKS
    from einvoice.settings.providers import Agency
    from tests.receivables.handover_world import BY_MAIL, at, handed, handing, owes, pays, reminded, stages

    wrong: list[str] = []
    counts: Counter[str] = Counter()
    with _post() as (folder, mail):
        ways = {"mail": BY_MAIL, "folder": Agency("f", folder=folder / "agency", language="fr"), "person": Agency("x", countries=("DE",))}
        for base in ("sqlite", "postgresql"):
            for way, agency in ways.items():
                (home := folder / f"{base}-{way}").mkdir()
                with _database(base) as url, handing(home, mail, agency, url=url) as made:
                    debtor = owes(made)
                    reminded(made)
                    before = stages(made)
                    report = handed(made)
                    if way == "person":
                        (task,) = made.rows(select(TASKS).where(TASKS.c.kind == "hand_over"))
                        with made.engine.begin() as connection:
                            done(connection, task.id, "handed_over", at(made))
                    counts.update(report.queued or report.tasks)
                    if (before, stages(made)) != (["open"] * 2, ["handed_over"] * 2):
                        wrong.append(f"{base} {way}: {before} then {stages(made)}")
                    with made.engine.begin() as connection:
                        pays(connection, made, debtor)
                    told = [handed(made, days).clocks.get("handover.recalled", 0) for days in (19, 20)]
                    counts["recalled"] += sum(told)
                    if told != [2, 0] or stages(made) != ["settled"] * 2:
                        wrong.append(f"{base} {way}: {told} recalls, {stages(made)}")
    return Figure(f"{dict(sorted(counts.items()))}, {len(wrong)} faults {wrong[:3]}", not wrong)


@contextmanager
def _database(base: str) -> Iterator[str | None]:
    """The URL of an empty PostgreSQL database, or None for a file; NotMeasured where no server can be started."""
    from tests import postgres

    if base == "sqlite":
        yield None
        return
    try:
        with postgres.database() as url:
            yield url
    except postgres.NoServer as reason:
        raise NotMeasured(str(reason)) from None


@figure("exports-valid", bar="every Reminder-2, Statement-2, EHF Reminder valid by official XSD and Schematron; our tables agree", item=1)
def exports_valid() -> Figure:
    from lxml import etree

    from einvoice.formats.structure import others
    from einvoice.receivables import exports
    from tests.receivables import books
    from tests.receivables.exports_world import damaged, reminded, schema, stated
    from tests.stylesheets import Absent, fatal

    counts: Counter[str] = Counter()
    wrong: list[str] = []
    layers = ("ehf-reminder", "ehf-reminder-cen", "ehf-reminder-peppol")
    sides = [(seller, buyer) for seller in ("NL", "BE", "DE", "NO") for buyer in ("NL", "BE", "DE", "NO")]
    try:
        with TemporaryDirectory() as folder, books.database(Path(folder)) as engine:
            for seller, buyer in sides:
                for language in ("en", "nl", "de", "fr"):
                    with books.undone(engine) as connection:
                        given = reminded(connection, seller, buyer, language=language, currency="NOK" if buyer == "NO" else "EUR")
                        made = {"Reminder": exports.reminder(*given), "Statement": stated(connection, *given)}
                        ehf = exports.einvoice(*given) if buyer == "NO" else None
                    for name, data in made.items():
                        for document in (data, *(damaged(data, len(counts)) if language == "en" else ())):
                            root = etree.fromstring(document)
                            official, ours = schema(name).validate(root), not others.check(root)
                            counts[f"{name} {'valid' if official else 'damaged'}"] += 1
                            if official != ours or (document is data and not official):
                                wrong.append(f"{name} {seller} {buyer}: official {official}, ours {ours}")
                    for layer in layers if ehf is not None else ():
                        counts[layer] += 1
                        wrong += [f"{layer} {seller}: {rule}" for rule in fatal(layer, ehf or b"")]
    except Absent as reason:
        raise NotMeasured(str(reason)) from None
    return Figure(", ".join(f"{count} {name}" for name, count in sorted(counts.items())) + f", {len(wrong)} faults {wrong[:2]}", not wrong)


@figure(
    "statement-equal",
    bar="balances, rows, ageing are the ledger's to the cent on any two days, SQLite and PostgreSQL",
    item=5,
)
def statement_equal() -> Figure:
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test

    from tests.evidence.databases import postgresql, sqlite
    from tests.receivables.statement_machine import StatementMachine

    StatementMachine.read = StatementMachine.rows = 0
    for base, examples in ((sqlite, scaled(100)), (postgresql, scaled(15))):
        with base() as engine:
            StatementMachine.engine = engine
            quick = settings(max_examples=examples, stateful_step_count=30, deadline=None, database=None, phases=[Phase.generate])
            run_state_machine_as_test(StatementMachine, settings=settings(quick, suppress_health_check=list(HealthCheck)))
    read, rows = StatementMachine.read, StatementMachine.rows
    return Figure(f"{read:,} statements with {rows:,} rows, every balance equal", read >= scaled(1_000) and rows > read)
