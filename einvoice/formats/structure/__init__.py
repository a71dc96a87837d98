"""The structure check: is every element and value where the official schema wants it, and if not, what mends it."""

from __future__ import annotations

from einvoice.formats.structure.order import children

__all__ = ["children"]
