"""The keys that providers want: a UUID that is the same for the same sending, always."""

from __future__ import annotations

from uuid import UUID, uuid5

_OURS = UUID("6f1a3e0c-4b0e-5d5b-9a53-0f8f6d1b7c21")


def guid(key: str) -> str:
    """The UUID of a key (RFC 9562, version 5), 36 signs."""
    return str(uuid5(_OURS, key))
