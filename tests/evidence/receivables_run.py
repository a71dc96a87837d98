"""The run of a day: end to end, started twice, killed anywhere; what is seen before sending; channels; the service."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.evidence import Figure, NotMeasured, figure, scaled

if TYPE_CHECKING:
    from tests.receivables.run_kills import Judged, Plan


@figure("run-end-to-end", bar="each debtor gets each step's mail once; who paid, nothing more; a second run the same day 0", item=7)
def run_end_to_end() -> Figure:
    from einvoice.database import connect
    from tests.receivables.run_world import pays, world
    from tests.smtp import apart

    count = scaled(200)
    with TemporaryDirectory() as folder, apart(Path(folder) / "mail.log") as mail, world(Path(folder), mail) as made:
        debtors = made.debtors(count)
        first, again = made.run(), made.run()
        payers = random.Random(1).sample(debtors, count // 2)
        with connect(made.engine) as connection:
            for payer in payers:
                pays(connection, made, payer)
        made.clock.on(days=10)
        second = made.run()
        mails = Counter(message.recipients[0] for message in mail.accepted())
        wanted = Counter({f"d{number}@customer.example": 1 + (debtor not in payers) for number, debtor in enumerate(debtors)})
    text = f"{count} debtors: {first.sent.sent} mails, the second run {again.saved}; half paid, then {second.sent.sent}"
    return Figure(f"{text}; mailboxes that differ: {len(mails - wanted) + len(wanted - mails)}", mails == wanted and again.saved == 0)


@figure("run-twice", bar="two processes run the same day at once, again and again, on both databases: 0 duplicates, 0 lost", item=7)
def run_twice() -> Figure:
    from tests.receivables.run_kills import Plan

    found = [_carried_out(Plan(together=2, seed=0), 40, on_postgresql=bool(turn % 2)) for turn in range(scaled(10) + 1)]
    return _told(found, f"{len(found)} times two processes")


_BAR = "kill -9 of whole runs at random points: 0 duplicates, 0 lost, unknown ≤ kills × messages in flight"


@figure("run-kills", bar=f"SQLite: {_BAR}", item=7)
def run_kills() -> Figure:
    return _killed(on_postgresql=False)


@figure("run-kills-postgres", bar=f"PostgreSQL: {_BAR}", item=7)
def run_kills_postgres() -> Figure:
    return _killed(on_postgresql=True)


def _killed(*, on_postgresql: bool) -> Figure:
    from tests.receivables.run_kills import Plan

    rounds, kills = scaled(15), 10
    found = [_carried_out(Plan(kills, 1.2, 2, seed), 300, on_postgresql=on_postgresql) for seed in range(rounds)]
    killed = sum(one for one, _ in found)
    told = _told(found, f"{killed} runs killed")
    return Figure(told.value, told.holds and sum(judged.unknown for _, judged in found) <= killed and killed > rounds)


def _carried_out(plan: Plan, debtors: int, *, on_postgresql: bool) -> tuple[int, Judged]:
    """A plan in a fresh world; how many runs were killed, and what came of it."""
    from tests.postgres import NoServer, database
    from tests.receivables.run_kills import carried_out, judged
    from tests.receivables.run_world import EARLY, world
    from tests.smtp import apart

    try:
        with ExitStack() as opened:
            folder = Path(opened.enter_context(TemporaryDirectory()))
            url = opened.enter_context(database()) if on_postgresql else None
            mail = opened.enter_context(apart(folder / "mail.log"))
            made = opened.enter_context(world(folder, mail, url=url))
            made.debtors(debtors)
            if plan.seed % 2:  # every other time all is planned already, and every kill falls into sending
                made.run(EARLY)
            killed = carried_out(url or f"sqlite:///{folder / 'books.db'}", mail, plan)
            return killed, judged(made.engine, mail, debtors)
    except NoServer as absent:
        raise NotMeasured(str(absent)) from None


def _told(found: list[tuple[int, Judged]], what: str) -> Figure:
    results = [judged for _, judged in found]
    total = {name: sum(getattr(one, name) for one in results) for name in ("debtors", "arrived", "twice", "lost", "unknown", "actions")}
    text = f"{what}, {total['debtors']} reminders due: {total['arrived']} arrived, {total['twice']} twice, {total['lost']} lost"
    holds = total["twice"] == total["lost"] == 0 and total["actions"] == total["debtors"]
    return Figure(f"{text}, {total['unknown']} unknown, {total['actions']} actions", holds)


@figure("recheck", bar="whatever changes between plan and sending withdraws the message, nothing else does", item=7)
def recheck() -> Figure:
    from tests.receivables.run_world import CHANGES, NO_REASON, sent_after
    from tests.smtp import apart

    with TemporaryDirectory() as folder, apart(Path(folder) / "mail.log") as mail:
        wrong = [name for name, change in CHANGES.items() if sent_after(Path(folder) / "a" / name, mail, change) != 0]
        wrong += [name for name, change in NO_REASON.items() if sent_after(Path(folder) / "b" / name, mail, change) != 1]
        arrived = len(mail.accepted())
    text = f"{len(CHANGES)} changes withdraw, {len(NO_REASON)} do not; wrong: {', '.join(wrong) or 'none'}; {arrived} arrived"
    return Figure(text, not wrong and arrived == len(NO_REASON))


@figure("failing-debtor", bar="who cannot be planned, written to, or is refused: all others get theirs", item=7)
def failing_debtor() -> Figure:
    from tests.receivables.run_world import world
    from tests.smtp import apart

    count = scaled(100)
    with TemporaryDirectory() as folder, apart(Path(folder) / "mail.log") as mail, world(Path(folder), mail) as made:
        made.debtors(count)
        made.debtor("zone", time_zone="Mars/Base")
        made.debtor("nobody", email="no address")
        made.debtor("refused", email="refuse@customer.example")
        report = made.run()
        arrived = len({message.recipients[0] for message in mail.accepted()})
        tasks = made.states()["tasks"]
    text = f"{arrived} of {count} got theirs; {len(report.failures)} could not be planned, {report.sent.failed} refused; tasks: {tasks}"
    return Figure(text, arrived == count and len(report.failures) == 1 and tasks == ["repair_address", "triage"])


@figure("channels-smtp", bar="every reply of a mail server means what the table of the channel says", item=7)
def channels_smtp() -> Figure:
    from einvoice.receivables.channels.email import EmailSender, Server
    from tests.receivables.scripted import scripted
    from tests.receivables.test_channels_email import CASES, effect

    wrong = []
    for script, state, accepted in CASES:
        with scripted(script) as server:
            sender = EmailSender(Server("127.0.0.1", server.port, "none", timeout=5))
            outcome = sender.send(effect())
            sender.close()
        if (outcome.state, len(server.accepted)) != (state, accepted):
            wrong.append(f"{script}: {outcome.state}")
    return Figure(f"{len(CASES)} conversations; wrong: {'; '.join(wrong) or 'none'}", not wrong)


@figure("print-folder", bar="letters whole or not at all, killed at any point: each once, none torn, each with its manifest", item=7)
def print_folder() -> Figure:
    from tests.receivables.print_kills import printed

    found = printed(letters=scaled(300), kills=scaled(60))
    text = f"{found.letters} letters, {found.killed} kills: {found.complete} complete, {found.torn} torn, {found.twice} twice"
    return Figure(text, found.complete == found.letters and not found.torn and not found.twice and found.killed > 0)


@figure("service-dbos", bar="starts a run at once and by the schedule, ends when told, catches up once after a downtime", item=7)
def service_dbos() -> Figure:
    import time

    from tests.receivables.test_run_service import begun, served

    with TemporaryDirectory() as folder:
        environment = begun(Path(folder))
        first = served(environment, 60, wanted=4)
        time.sleep(3)
        second = served(environment, 60)
    text = f"{first[1]} runs by a schedule of each second, exit code {first[0]}; after 3 s of downtime {second[1]} at the start"
    return Figure(text, first[0] == second[0] == 0 and first[1] >= 4 and 1 <= second[1] <= 2)
