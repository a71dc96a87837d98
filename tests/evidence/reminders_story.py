"""The whole story of an invoice, from its due date to the agency, every document kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from tests.evidence import Figure, figure


@figure(
    "story",
    bar="due, pre-notice, e-mail, SMS, call, dispute stops it, resolved, letter, plan, broken, hand-over; each once, every document kept",
    item=5,
)
def told() -> Figure:
    from einvoice.outbox.tables import OUTBOX
    from einvoice.receivables.store.tables import MESSAGES
    from tests.receivables.story import kept, story
    from tests.receivables.test_story import STORY

    with TemporaryDirectory() as home, story(Path(home)) as found:
        found.live()
        happened = [one.what for one in found.told]
        twice = found.made.rows(select(OUTBOX.c.key).group_by(OUTBOX.c.key).having(func.count() > 1))
        documents = found.made.rows(select(MESSAGES.c.document))
        papers = kept(found.made)
        hashes = {hashlib.sha256(data).hexdigest() for several in papers.values() for data in several}
        days = (found.told[-1].day - found.told[0].day).days
    missing = [row.document for row in documents if row.document not in hashes]
    several = {name: len(one) for name, one in sorted(papers.items())}
    value = f"{len(happened)} events in {days} days, {len(documents)} messages, kept {several}, {len(missing)} missing, {len(twice)} twice"
    return Figure(value, happened == STORY and not missing and not twice and {"invoice", "dossier"} <= set(papers))
