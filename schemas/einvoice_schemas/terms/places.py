"""Which business term stands at a path of a document: `places("ubl-invoice")["/Invoice/cbc:ID"]` is BT-1.

The table `places.json` is written by `python -m einvoice.formats.mapping` from the binding tables; `scripts/check` holds it to them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path


@cache
def places(document: str) -> Mapping[str, str]:
    """The BT or BG id of each path of a document type (`ubl-invoice`, `ubl-creditnote`, `cii`), without positions."""
    table: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("places.json").read_text("utf-8"))
    return table[document]
