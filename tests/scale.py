"""How much of a long test to run: EINVOICE_SCALE, 1.0 in full (the evidence), 0.1 in CI, by the same code."""

from __future__ import annotations

import os


def scale() -> float:
    """The share of the full size."""
    return float(os.environ.get("EINVOICE_SCALE") or 1.0)


def scaled(size: int) -> int:
    """`size` at this run's scale, at least one."""
    return max(1, round(size * scale()))
