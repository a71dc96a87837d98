"""Documents: every one in four languages as mail and letter, read back; how fast letters are; what a check code says; pictures."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from importlib.machinery import SourceFileLoader
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from tests.evidence import Figure, figure, scaled

_ROOT = Path(__file__).parents[2]
_FASTEST = 100


@figure(
    "documents",
    bar="every document × 4 languages as mail, letter, text: all text found, nothing outside, QR = amount and reference",
    item=1,
)
def documents() -> Figure:
    """Each kind in each language: HTML parsed, PDF read with pdfium, codes decoded with ZXing, in three houses."""
    from einvoice.rendering.house import House
    from einvoice.rendering.house import load as house_of
    from einvoice.rendering.style import Style
    from tests.receivables.forms_samples import cases, wrong

    own = house_of(_ROOT / "docs" / "pictures" / "house")
    houses = (House(), own, House(None, Style()._replace(window="nen-1026-left")))
    done: Counter[str] = Counter()
    faults: list[str] = []
    for case in cases():
        for house in houses:
            found = wrong(case, house)
            faults += [f"{case.name}: {fault}" for fault in found]
            done["read back"] += 1
            done["codes"] += bool(case.letter.transfer and case.letter.transfer.qr) * 2
    kinds = len({case.name.rpartition(" ")[0] for case in cases(("en",))})
    value = f"{kinds} documents × 4 languages × {len(houses)} houses: {done['read back']} read back as mail, letter and text, "
    value += f"{done['codes']} codes decoded, {len(faults)} faults{''.join(f'; {fault}' for fault in faults[:3])}"
    return Figure(value, not faults and kinds >= 15 and done["codes"] > 0)


@figure(
    "documents-demo",
    bar="all that the demo sent is read back; every document about its debtors × 4 languages as mail, letter, text",
    item=1,
)
def demo() -> Figure:
    """A demo is made; its outbox is read back (text, codes, boxes), and each kind is composed from its ledger in each language."""
    from datetime import date

    from einvoice.receivables.demo.make import make
    from einvoice.rendering.house import House
    from tests.receivables.forms_demo import composed, sent

    with TemporaryDirectory() as folder:
        made = make(Path(folder) / "demo", scaled(300), date(2026, 11, 27))
        counts, faults = sent(made.folder)
        kinds, wrong = composed(made.folder, House())
    value = f"sent {', '.join(f'{count:,} {name}' for name, count in sorted(counts.items()))}; "
    value += (
        f"{kinds['kinds']} kinds: {', '.join(f'{kinds[name]} {name}' for name in ('nl', 'en', 'de', 'fr'))}; {len(faults + wrong)} faults"
    )
    holds = not faults and not wrong and kinds["kinds"] == kinds["nl"] == kinds["de"] == kinds["fr"] >= 14 and counts["email"] > 0
    return Figure(value + "".join(f"; {fault}" for fault in (*faults, *wrong)[:3]), holds and counts["letter"] > 0)


@figure("documents-broken", bar="each of the faults that are named is found when it is made", item=1)
def broken() -> Figure:
    """What `documents` looks for is found where it is put in: the figure before can fail."""
    from einvoice.receivables.documents import letter, mail
    from einvoice.rendering.house import House
    from tests.receivables.forms_samples import ADDRESS, DAY, cases, wrong_letter, wrong_mail

    case = next(case for case in cases(("en",)) if case.name == "reminder 2 en")
    page, data = mail.page(case.mail, House()), letter.pdf(case.letter, ADDRESS, DAY, House())
    asked = case.mail.transfer
    assert asked is not None
    other = case.letter._replace(transfer=asked._replace(qr=asked.qr.replace("EUR", "EUR1")))
    wide = case.letter._replace(remarks=("x" * 400,))
    tries = {
        "a greeting that is not there": wrong_mail(page._replace(html=page.html.replace(case.mail.greeting, "")), case.mail),
        "a script": wrong_mail(page._replace(html=page.html.replace("</body>", "<script></script></body>")), case.mail),
        "a remote picture": wrong_mail(page._replace(html=page.html.replace('src="cid:', 'src="https://e.example/')), case.mail),
        "a picture that is absent": wrong_mail(page._replace(pictures=()), case.mail),
        "another amount in the code": wrong_letter(letter.pdf(other, ADDRESS, DAY, House()), case.letter),
        "a text of another letter": wrong_letter(data, wide),
        "a code that is missing": wrong_letter(letter.pdf(case.letter._replace(transfer=None), ADDRESS, DAY, House()), case.letter),
    }
    missed = [name for name, found in tries.items() if not found]
    return Figure(f"{len(tries) - len(missed)} of {len(tries)} found{''.join(f'; missed {name}' for name in missed)}", not missed)


@figure("letters-speed", bar=f"≥ {_FASTEST} letters/s/core, one page each, all of them different", item=1)
def letters_speed() -> Figure:
    """Letters as a run makes them, one thread, warm; processor time, in the best of five stretches: others at work slow the memory."""
    from einvoice.receivables.documents import letter
    from einvoice.receivables.documents.letter_press import pages
    from einvoice.rendering.house import House
    from tests.receivables.forms_speed import letters

    warm, stretch = 30, max(scaled(400), 40)
    spent, sheets, before = [], 0, process_time()
    for made in letter.many(letters(warm + 5 * stretch), House()):
        spent.append(process_time() - before)
        sheets += pages(made)
        before = process_time()
    stretches = [spent[at : at + stretch] for at in range(warm, len(spent), stretch)]
    rates = sorted(len(each) / sum(each) for each in stretches)
    value = f"{rates[-1]:,.0f} letters/s/core (slowest stretch {rates[0]:,.0f}; {len(spent):,} letters, {sheets:,} pages)"
    return Figure(value, rates[-1] >= _FASTEST and sheets == len(spent))


@figure("mails-speed", bar="≥ 200 mails/s/core composed with text, HTML, QR code", item=1)
def mails_speed() -> Figure:
    """Contents laid out as mails: HTML, pictures, MIME."""
    from datetime import UTC, datetime

    from einvoice.receivables.channels.mime import Mailbox
    from einvoice.receivables.documents.forms_effects import Way, effect
    from einvoice.rendering.house import House
    from tests.receivables.forms_speed import letters

    way = Way("k", "email", "ann@example.org", datetime(2026, 11, 28, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC).date(), house=House())
    way = way._replace(sender=Mailbox("Acme", "ar@acme.example"), to="Ann")
    given = [each.content for each in letters(30 + scaled(1_000))]
    for content in given[:30]:
        effect(content, way, "receivables", "action:1")
    begun = process_time()
    size = sum(len(effect(content, way._replace(key=f"k{at}"), "receivables", "action:1").payload) for at, content in enumerate(given[30:]))
    rate = (len(given) - 30) / (process_time() - begun)
    return Figure(f"{rate:,.0f} mails/s/core, {size / (len(given) - 30) / 1000:.1f} kB each", rate >= 200)


@figure(
    "verify",
    bar="codes of messages sent: right day, amount, account, hash; one wrong or two swapped signs: told apart; others: unknown",
    item=1,
)
def verified() -> Figure:
    """Mails through a real SMTP server, their codes read out of what the server got, and every slip of a sign tried."""
    from tests.receivables.forms_verify import measure

    with TemporaryDirectory() as folder:
        counts, faults = measure(Path(folder), scaled(60))
    value = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    return Figure(
        value + "".join(f"; {fault}" for fault in faults[:3]), not faults and counts["verified"] > 0 and counts["slips told apart"] > 0
    )


@figure("pictures", bar="letters in every window and a mail, drawn anew, are those of the docs", item=1)
def pictures() -> Figure:
    """The pictures of docs/pictures are there, small, and show what the release draws."""
    script = _script()
    names = [name for name in script.LETTERS if (_ROOT / "docs" / "pictures" / f"{name}.png").exists()]
    same = [name for name in names if script.alike(name)]
    windows = {name.removeprefix("letter-") for name in names}
    value = f"{len(same)} of {len(script.LETTERS)} pictures are what is drawn now; {', '.join(sorted(windows))}"
    return Figure(value, len(same) == len(script.LETTERS))


def _script() -> Any:
    loader = SourceFileLoader("pictures", str(_ROOT / "scripts" / "pictures"))
    spec = importlib.util.spec_from_loader("pictures", loader)
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["pictures"] = made
    loader.exec_module(made)
    return made


@figure(
    "mail-axe",
    bar="axe-core finds nothing on mails, wide and narrow, by day and by night, in a pale house too; none wider than its window",
    item=1,
)
def mail_axe() -> Figure:
    """The HTML of mails in Chromium, looked at by axe-core."""
    from einvoice.rendering.house import House
    from tests.receivables.test_mail_axe import PALE, page
    from tests.rendering import axe

    seen, faults = 0, []
    with TemporaryDirectory() as folder:
        for kind in ("reminder", "statement"):
            for house in (House(), PALE):
                for width, dark in ((1100, False), (500, True)):
                    found = axe.examine(page(kind, "de", house), Path(folder), width=width, dark=dark)
                    faults += [f"{kind} {width}: {rule}" for rule in found.violated]
                    seen += len(found.held) > 12
            faults += [
                f"{kind}: wider at {wide}" for wide in (320, 640) if axe.overflow(page(kind, "fr", House()), Path(folder), width=wide)
            ]
    return Figure(f"{seen} pages looked at, {len(faults)} faults{''.join(f'; {fault}' for fault in faults[:2])}", seen == 8 and not faults)
