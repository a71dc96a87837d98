"""JSON Schemas (2020-12) of what the library reads and writes as JSON; `scripts/export_schemas` writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from einvoice_schemas._unknown import unknown

NAMES = ("invoice", "report", "events")


def load(name: str) -> dict[str, Any]:
    """The schema of that name, read anew; raises KeyError for a name that is not in NAMES."""
    if name not in NAMES:
        raise unknown("JSON Schema", name, NAMES)
    schema: dict[str, Any] = json.loads(Path(__file__).with_name(f"{name}.json").read_bytes())
    return schema
