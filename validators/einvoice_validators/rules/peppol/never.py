"""Official rules of Peppol BIS that can never fire, each with the reason: there is none in release 2026.5."""

from __future__ import annotations

NEVER: dict[str, str] = {}
