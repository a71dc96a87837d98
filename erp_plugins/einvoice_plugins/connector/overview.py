"""How things stand: what waits, what is under way, what was done and refused, how far views were read."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from einvoice.database import reading
from einvoice_plugins.connector import journal
from einvoice_plugins.connector.folders import SOURCES, stat_of
from einvoice_plugins.connector.settings import Settings
from einvoice_plugins.connector.tables import INVOICES, VIEWS
from einvoice_plugins.connector.whole import is_temporary

REASONS = ".reasons."


def overview(engine: Engine, settings: Settings) -> dict[str, Any]:
    """Everything, as JSON values: counts by source; each file that waits or was refused, the latter with its first reason."""
    with reading(engine) as connection:
        counts = journal.counts(connection)
        invoices = connection.scalar(select(func.count()).select_from(INVOICES))
        reached = {row.name: next(iter(row.reached.values())) for row in connection.execute(select(VIEWS))}
    sources = {source: _source(settings.folder, source, counts) for source in SOURCES}
    views = {view.name: reached.get(view.name) for view in settings.views}
    return {"folder": str(settings.folder), "sources": sources, "invoices": invoices, "views": views}


def refused(home: Path, source: str) -> list[Path]:
    """The files that were refused and still lie there."""
    folder = home / "REFUSED" / source
    return sorted(path for path in folder.glob("*") if REASONS not in path.name and stat_of(path)) if folder.exists() else []


def _source(home: Path, source: str, counts: dict[tuple[str, str], int]) -> dict[str, Any]:
    folder = home / "IN" / source
    waiting = sorted(path.name for path in folder.glob("*") if stat_of(path) and not is_temporary(path.name)) if folder.exists() else []
    open_ = counts.get((source, journal.DECIDED), 0) + counts.get((source, journal.DECLINED), 0)
    listed = [{"file": path.name, "reason": _reason(path)} for path in refused(home, source)]
    return {"waiting": waiting, "open": open_, "done": counts.get((source, journal.DONE), 0), "refused": listed}


def _reason(path: Path) -> str | None:
    with suppress(OSError, ValueError, LookupError):
        return str(json.loads(path.with_name(f"{path.name}.reasons.json").read_text("utf-8"))["reasons"][0]["text"])
    return None
