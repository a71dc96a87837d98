"""The conditions of PDF/A-3B (ISO 19005-3) and of Factur-X that can be seen in a PDF, each a small function under its id.

Ids are `PDFA-<clause>-<test>`, numbered as veraPDF numbers its profile of PDF/A-3B, so that both can be compared id by id, and
`FX-<what>` for Factur-X.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from einvoice.pdf.conditions.condition import CONDITIONS, Condition

SUBJECTS = ("file", "limits", "colour", "graphics", "fonts", "interaction", "metadata", "embedded", "hybrid")
"""The modules with conditions, in the order in which they are looked at and listed."""


@cache
def all_conditions() -> tuple[Condition, ...]:
    """Every condition."""
    for subject in SUBJECTS:
        import_module(f"{__name__}.{subject}")
    return tuple(CONDITIONS.values())
