"""Files cut at any byte: none is taken for a whole one, and each is taken once its rest has come."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from einvoice.database import reading
from einvoice_plugins.connector import journal
from tests.plugins.connector import killing, world
from tests.plugins.connector.world import World

_KINDS: dict[str, tuple[str, str, Callable[[str], bytes]]] = {
    "draft in JSON": ("invoices", "json", world.as_json),
    "draft in CSV": ("invoices", "csv", world.as_csv),
    "UBL": ("invoices", "xml", world.as_xml),
    "CII": ("invoices", "xml", lambda number: world.as_xml(number, "cii")),
    "hybrid PDF": ("invoices", "pdf", world.as_pdf),
    "table in CSV": ("open-items", "csv", world.as_table),
    "table in JSON": ("open-items", "json", world.as_json_table),
}


class Cut(NamedTuple):
    """How many files were cut, how many of them were taken half or refused too early, how many were not taken whole at last."""

    files: int
    too_early: int
    too_late: int

    @property
    def holds(self) -> bool:
        """None of either."""
        return self.files > 0 and not (self.too_early or self.too_late)


def halves(each: int, seed: int = 1) -> Cut:
    """Cuts so many files of each kind, each at another byte. A table is not cut between two lines: that half is a whole table."""
    chance = random.Random(seed)
    with TemporaryDirectory(prefix="einvoice-connector-") as name, world.world(Path(name)) as here:
        connector = here.connector()
        cuts = _cut(here, each, chance)
        here.worked(connector)
        with reading(here.engine) as connection:
            early = sum(journal.counts(connection).values())
        for path, rest in cuts:
            with path.open("ab") as file:
                file.write(rest)
        connector.looks.hurry()
        here.worked(connector)
        time.sleep(here.settings.files.settle)
        connector.looks.hurry()
        here.worked(connector)
        whole = [state for state in killing.states(here).values() if state == journal.DONE]
        return Cut(len(cuts), early, len(cuts) - len(whole))


def _cut(here: World, each: int, chance: random.Random) -> list[tuple[Path, bytes]]:
    cuts = []
    for kind, (source, suffix, make) in _KINDS.items():
        for number in range(each):
            stem = f"{kind.replace(' ', '-')}-{number}"
            data = make(stem)
            at = chance.choice([at for at in range(len(data) - 1) if "CSV" not in kind or data[at - 1 : at] != b"\n"])
            path = here.home / "IN" / source / f"{stem}.{suffix}"
            path.write_bytes(data[:at])
            cuts.append((path, data[at:]))
    return cuts
