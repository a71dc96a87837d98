"""What messages say: every document in every way, what is missing found before sending, room, tone, agreements, speed."""

from __future__ import annotations

import tempfile
from collections import Counter
from itertools import cycle, islice
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

from tests.evidence import Figure, figure, scaled

if TYPE_CHECKING:
    from einvoice.receivables.documents.parties import Facts


@figure("words-composed", bar="every document, firmness, voice, language and channel names every number, amount, day and account", item=1)
def words_composed() -> Figure:
    """Each is composed and read: no brace, no empty part, the total in text, table, short message, call and script."""
    from tests.receivables.words_said import common, facts, papers, said, voices, ways, wrong

    tried, faults = Counter[str](), Counter[str]()
    for way in ways():
        tried[way.document] += 1
        faults.update(wrong(said(way), facts(way)))
    for way in papers():
        tried[way.document] += 1
        faults.update(common(said(way)))
    value = f"{sum(tried.values()):,} ways to say {len(tried)} documents in {len(voices())} voices, {sum(faults.values())} faults"
    return Figure(value, not faults and len(tried) == 9)


@figure(
    "words-any-facts", bar="0 faults: any names, 1 to 30 invoices, with and without links; short messages within 320 characters", item=1
)
def words_any_facts() -> Figure:
    from hypothesis import HealthCheck, Phase, given, seed, settings

    from einvoice.receivables.documents.compose import content
    from tests.receivables.words_said import owed, wrong

    found: Counter[str] = Counter()
    longest = [0]

    def measure(about: Facts) -> None:
        made = content(about, "sms", "key")
        longest[0] = max(longest[0], len(made.short))
        found.update(["messages", *(f"fault: {fault}" for fault in wrong(made, about))])

    quick = settings(max_examples=scaled(10_000), deadline=None, database=None, phases=[Phase.generate])
    quick = settings(quick, suppress_health_check=list(HealthCheck))
    seed(6)(quick(given(owed())(measure)))()
    faults = sum(count for name, count in found.items() if name.startswith("fault"))
    value = f"{found['messages']:,} messages, {faults} faults, the longest short message {longest[0]} characters"
    return Figure(value, found["messages"] > 0 and not faults)


@figure("words-tone", bar="below firmness 3 no voice speaks of consequences, no_threat never; each voice and firmness is heard", item=1)
def words_tone() -> Figure:
    from einvoice.receivables.documents import plain
    from einvoice.receivables.documents.words import LANGUAGES
    from tests.receivables.words_said import CONSEQUENCES, Way, said, voices

    threats = heard = 0
    for language in LANGUAGES:
        for voice in voices():
            made = {firmness: said(Way("reminder", firmness, voice, language, "email")) for firmness in range(-1, 5)}
            heard += len({one.opening[0] for one in made.values()})
            mild = [one for firmness, one in made.items() if firmness < 3 or voice == "no_threat"]
            texts = [f"{one.subject} {plain.text(one)} {one.short} {one.spoken}".lower() for one in mild]
            threats += sum(word in text for text in texts for word in CONSEQUENCES[language])
    wanted = len(LANGUAGES) * len(voices()) * 6
    return Figure(
        f"{heard} of {wanted} openings differ within their voice, {threats} words of consequences", heard == wanted and not threats
    )


@figure("templates-faults", bar="100 % of planted faults found at their line, with a mend; 0 findings in our own words", item=1)
def templates_faults() -> Figure:
    from tests.receivables.words_broken import PLANTS, found, planted, sound

    seen: Counter[str] = Counter()
    made: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for fault in planted(scaled(200)):
            made[fault.code] += 1
            seen[fault.code] += found(fault, Path(folder) / "own")
        ours = sound(Path(folder) / "ours")
    value = ", ".join(f"{seen[code]} of {made[code]} {code}" for code in PLANTS)
    return Figure(f"{value}; ours {'sound' if ours else 'not sound'}", ours and seen == made)


@figure("templates-fields", bar="whatever composing would miss, `templates check` names before; nothing else", item=1)
def templates_fields() -> Figure:
    """Each field of the creditor is taken away in turn: a message of the policy fails if and only if the check says so."""
    from einvoice.receivables import law, policy
    from einvoice.receivables.documents import compose, sample
    from einvoice.receivables.documents.checking import check, notices
    from einvoice.receivables.documents.parties import Missing
    from einvoice.receivables.documents.templates_needs import Known, steps

    laws, asked = law.load(), policy.default()
    agreed = found = 0
    for field in sample.CREDITOR:
        creditor = {**sample.CREDITOR, field: None}
        fails = False
        asks = [one for one in steps(asked) if not one.step.handover]
        says_what: list[dict[str, Any]] = [{"voice": one.step.voice, "contents": one.step.contents} for one in asks]
        abouts = [sample.facts(one.step.document, one.firmness, creditor=creditor, **how) for one, how in zip(asks, says_what, strict=True)]
        abouts += [sample.facts("statutory_notice", 3, creditor=creditor, notice=notice) for notice in notices(laws)]
        for about in abouts:
            try:
                compose.content(about, "letter", "key")
            except Missing:
                fails = True
        says = bool(check(None, asked, laws, Known({"acme": creditor})))
        agreed += says == fails
        found += says
    return Figure(f"{agreed} of {len(sample.CREDITOR)} fields agree, {found} are needed", agreed == len(sample.CREDITOR) and found >= 3)


@figure("words-speed", bar="at most 0.5 ms a content, on one core", item=1)
def words_speed() -> Figure:
    """Reminders, notices and letters in turn, in every language, each with another check code; processor time."""
    from einvoice.receivables.documents.compose import content
    from tests.receivables.words_said import facts, ways

    some = [(facts(way), way.channel) for way in islice(ways(), 0, None, 7)]
    count = scaled(20_000)
    for about, channel in some:
        content(about, channel, "warm")
    begin = process_time()
    for number, (about, channel) in enumerate(islice(cycle(some), count)):
        content(about, channel, f"key{number}")
    each = (process_time() - begin) / count * 1000
    return Figure(f"{each:.3f} ms a content ({count:,} of them)", each <= 0.5)


@figure(
    "words-agreements",
    bar="a promise, plan or dispute that ended is named with day and amount, 4 languages; 8 queries for any number",
    item=1,
)
def words_agreements() -> Figure:
    """From the tables of the cases, on SQLite and PostgreSQL: what concerns other invoices is not told."""
    from einvoice.database import connect
    from tests.evidence.databases import postgresql, sqlite
    from tests.receivables.cases_books import here
    from tests.receivables.words_agreed import queries, told

    named: Counter[str] = Counter()
    counts: set[int] = set()
    for base in (sqlite, postgresql):
        with base() as engine, connect(engine) as connection:
            named.update(told(connection, here(connection)))
        with base() as engine:
            counts |= queries(engine, (1, scaled(200)))
    wrong = {name: count for name, count in named.items() if name.startswith("fault")}
    value = f"{named['named']} sentences name day and amount, {sum(wrong.values())} faults; {sorted(counts)} queries"
    return Figure(value, named["named"] == 24 and not wrong and counts == {8})
