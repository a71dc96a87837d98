"""Channels: answers, consent, paces, calls after ignored mails, services by Apprise, news once in any order."""

from __future__ import annotations

import random
import threading
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from tests.evidence import Figure, figure, scaled

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from einvoice.receivables.incoming.port import News
    from tests.receivables.run_world import World
    from tests.smtp import Mailbox

_UNKNOWN = 5


@figure("consent", bar="every STOP word by every channel withdraws that channel alone; nothing leaves after it, whatever waits", item=2)
def consent_words() -> Figure:
    """The words of four languages by SMS, WhatsApp, answer to a mail; and withdrawals between the plan and the sending."""
    from tests.receivables.run_world import world
    from tests.smtp import serving

    with TemporaryDirectory() as name, serving(Path(name) / "mail.log") as mail, world(Path(name), mail) as made:
        count, wrong = _withdrawn(made)
    with TemporaryDirectory() as name, serving(Path(name) / "mail.log") as mail, world(Path(name), mail) as made:
        quiet, reached, ids, withdrawn = _said_before_sending(made, mail)
    text = f"{count} words by channel, {wrong} wrong; {len(quiet)} of {len(ids)} said STOP before the sending, {len(reached & quiet)} sent"
    return Figure(text, not wrong and not reached & quiet and withdrawn == len(quiet) and reached == ids - quiet)


def _withdrawn(made: World) -> tuple[int, int]:
    """Each STOP word by each channel, each by a debtor of its own: how many, and how many did not withdraw that channel alone."""
    from einvoice.database import connect
    from einvoice.receivables.incoming.answers import tables
    from einvoice.receivables.incoming.bounces import read
    from einvoice.receivables.incoming.port import News
    from einvoice.receivables.ledger.parties import consents
    from tests.receivables.bounced import answer
    from tests.receivables.news import heard, message
    from tests.receivables.run_world import EARLY, MORNING

    words = sorted({word for some in tables()["stop"].values() for word in some})
    cases, wrong = [(word, channel) for word in words for channel in ("sms", "whatsapp", "email")], 0
    ids = made.debtors(len(cases))
    made.run(EARLY)
    made.run(MORNING)
    for (word, channel), debtor in zip(cases, ids, strict=True):
        row = message(made, debtor)
        if channel == "email":
            heard(made, read(answer(word.upper(), to=row.provider)))
        else:
            heard(made, [News(f"{word} {channel}", "reply", text=f" {word.title()}. ", more={"channel": channel, "effect": row.key})])
        with connect(made.engine) as connection:
            wrong += consents(connection, debtor) != {channel: False}
    return len(cases), wrong


def _said_before_sending(made: World, mail: Mailbox) -> tuple[set[int], set[int], set[int], int]:
    """Half of the debtors say STOP while their mail waits: who did, whom a mail reached, all of them, how many were withdrawn."""
    from sqlalchemy import select

    from einvoice.outbox.tables import OUTBOX
    from einvoice.receivables.incoming.port import News
    from tests.receivables.news import heard, message
    from tests.receivables.run_world import EARLY, MORNING

    ids = made.debtors(scaled(200))
    made.run(EARLY)
    waiting = {debtor: message(made, debtor) for debtor in ids}
    quiet = set(ids[::2])
    for debtor in sorted(quiet):
        heard(made, [News(str(debtor), "reply", text="STOP", more={"channel": "email", "effect": waiting[debtor].key})])
    made.run(MORNING)
    reached = {accepted.recipients[0] for accepted in mail.accepted()}
    withdrawn = made.rows(select(OUTBOX.c.id).where(OUTBOX.c.reason.startswith("consent")))
    return quiet, {debtor for debtor in ids if waiting[debtor].address in reached}, set(ids), len(withdrawn)


@figure("pace", bar="never more than allowed in any span, by three relays of two workers; other channels do not wait", item=2)
def pace() -> Figure:
    """On real clocks, SQLite and PostgreSQL: what was handed over, counted in every span."""
    from tests.outbox.test_pace import most_in, taken
    from tests.outbox.world import migrated, states

    most, count = 20, scaled(120)
    texts, holds = [], True
    for kind in ("sqlite", "postgres"):
        with TemporaryDirectory() as name, migrated(kind, Path(name)) as engine:
            done = _relayed(engine, most, count)
            peak = most_in(taken(engine), 1)
            last = {channel: max(at for other, at in done if other == channel) for channel in ("sms", "email")}
            holds &= peak <= most and len(done) == 2 * count and set(states(engine).values()) == {"sent"}
            holds &= last["email"] < last["sms"] or count <= most
            speed = f"{count} in {last['sms']:.1f} s, mail done at {last['email']:.1f} s"
            texts.append(f"{kind}: at most {peak} of {most} SMS in any second, {speed}")
    return Figure("; ".join(texts), holds)


def _relayed(engine: Engine, most: int, count: int) -> list[tuple[str, float]]:
    """Sends SMS at a pace and mails without one by three relays at once; when each was handed over, in seconds from the beginning."""
    from einvoice.database import connect
    from einvoice.outbox import Effect, Outcome, State, add_all, relay
    from einvoice.settings import Sending
    from einvoice.settings.values import Pace
    from tests.outbox.world import START, Listener, Post, effect

    with connect(engine) as connection:
        add_all(
            connection, (effect(f"{channel}{number}", channel=channel) for channel in ("sms", "email") for number in range(count)), START
        )
    done: list[tuple[str, float]] = []
    lock, zero = threading.Lock(), perf_counter()

    class Noting(Post):
        def send(self, effect: Effect) -> Outcome:
            with lock:
                done.append((effect.channel, perf_counter() - zero))
            return Outcome(State.SENT)

    def one() -> None:
        def now() -> datetime:
            return START + timedelta(seconds=perf_counter() - zero)

        sending = Sending(pace=(Pace("sms", most, 1),))
        relay(engine, lambda: {"sms": Noting(), "email": Noting()}, {"test": Listener()}, now, workers=2, ceiling=sending)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


@figure("ignored-call", bar="a call for who ignores the first mail, an automatic answer too; none for who bounces, answers, pays", item=2)
def ignored_call() -> Figure:
    """Seven debtors over two weeks of daily runs with a real mail server."""
    from tests.receivables.ignored import WANTED, month
    from tests.smtp import serving

    with TemporaryDirectory() as name, serving(Path(name) / "mail.log") as mail:
        found = month(Path(name), mail)
    calls = [fate for fate, steps in found.items() if any("call" in step for step in steps)]
    return Figure(f"{len(found)} debtors, a call for: {', '.join(calls)}", found == WANTED)


@figure("apprise", bar="taken: sent; refused or broken off: unknown; not reached, no address: nothing left; never delivered", item=2)
def apprise_answers() -> Figure:
    """Apprise's json:// against a server of this machine."""
    import warnings

    from einvoice.outbox import State
    from einvoice.receivables.channels.generic import AppriseSender
    from tests.mta import free_port
    from tests.receivables.test_channels_apprise import SMS, serving

    wanted: dict[int | str, State] = {200: State.SENT, 204: State.SENT, 400: State.UNKNOWN, 503: State.UNKNOWN, "drop": State.UNKNOWN}
    found: dict[int | str, State] = {}
    with warnings.catch_warnings(), serving() as service:
        warnings.simplefilter("ignore", DeprecationWarning)
        for answer in wanted:
            service.answer = answer
            found[answer] = AppriseSender("sms", service.url()).send(SMS).state
        found["no address"] = AppriseSender("sms", service.url()).send(SMS._replace(address="unknown")).state
        found["away"] = AppriseSender("sms", f"json://127.0.0.1:{free_port()}/?+a={{address}}").send(SMS).state
        taken = len(service.taken)
    wanted |= {"no address": State.FAILED, "away": State.PLANNED}
    return Figure(", ".join(f"{answer}: {state}" for answer, state in found.items()), found == wanted and taken == 5)


@figure("news-once", bar="statuses in any order, repeated, at once from four sides come to what they say, each followed up once", item=2)
def news_once() -> Figure:
    """Random news of sent messages, shuffled and repeated, SQLite and PostgreSQL, against an oracle."""
    from tests import postgres
    from tests.receivables.run_world import world
    from tests.smtp import serving

    texts, holds = [], True
    for kind in ("sqlite", "postgresql"):
        with ExitStack() as stack:
            where = Path(stack.enter_context(TemporaryDirectory()))
            mail = stack.enter_context(serving(where / "mail.log"))
            url = None if kind == "sqlite" else stack.enter_context(postgres.fresh())
            text, held = _told_from_sides(stack.enter_context(world(where, mail, url=url)), 4 if url else 1)
            texts.append(f"{kind}: {text}")
            holds &= held
    return Figure("; ".join(texts), holds)


def _told_from_sides(made: World, sides: int) -> tuple[str, bool]:
    """What came of news told from several sides at once, each in an order of its own and twice; whether it is as it must be."""
    from sqlalchemy import func, select

    from einvoice.outbox.tables import EVENTS, OUTBOX
    from einvoice.receivables.store.tables import INCOMING, MESSAGES, TASKS
    from tests.receivables.news import again, heard

    made.debtors(scaled(300))
    made.run()
    news, wanted = _news(made)
    counts: list[dict[str, int]] = []

    def side(seed: int) -> None:
        mine = news * 2
        random.Random(seed).shuffle(mine)
        counts.extend(heard(made, [one]) for one in mine)

    started = perf_counter()
    threads = [threading.Thread(target=side, args=(seed,)) for seed in range(sides)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = perf_counter() - started
    again(made)
    states = {row.id: row.state for row in made.rows(select(OUTBOX.c.id, OUTBOX.c.state))}
    marked = {row.outbox_id: row.state for row in made.rows(select(MESSAGES.c.outbox_id, MESSAGES.c.state))}
    kept = made.rows(select(func.count()).where(INCOMING.c.settled_at.is_(None)))[0][0]
    tasks = made.rows(select(func.count()).where(TASKS.c.kind == "repair_address"))[0][0]
    bounces = made.rows(select(func.count()).where(EVENTS.c.type == "message.bounced"))[0][0]
    back, first = sum(state == "bounced" for state in wanted.values()), sum(count.get("heard", 0) for count in counts)
    text = f"{len(counts):,} calls, {first:,} heard, {back} came back, {len(counts) / took:.0f} a second"
    return text, states == wanted == marked and tasks == bounces == back and first == len(news) and kept == _UNKNOWN


def _news(made: World) -> tuple[list[News], dict[int, str]]:
    """Random news of every message that was sent, some of messages that nobody knows; and the states that they come to."""
    from sqlalchemy import select

    from einvoice.outbox.tables import OUTBOX
    from einvoice.receivables.incoming.port import News
    from tests.receivables.news import ARRIVED, CAME_BACK, TAKEN

    chance = random.Random(6)
    news = [News(f"unknown {number}", "status", f"<{number}@nowhere>", ARRIVED) for number in range(_UNKNOWN)]
    wanted: dict[int, str] = {}
    for row in made.rows(select(OUTBOX.c.id, OUTBOX.c.provider)):
        told = chance.sample([TAKEN, ARRIVED, CAME_BACK], chance.randint(1, 3))
        wanted[row.id] = "bounced" if CAME_BACK in told else "delivered" if ARRIVED in told else "sent"
        news += [News(f"{row.id} {outcome.state}", "status", row.provider, outcome) for outcome in told]
    return news, wanted
