"""What to say of a name that is not in a table."""

from __future__ import annotations

from collections.abc import Iterable


def unknown(kind: str, name: str, known: Iterable[str]) -> KeyError:
    """A KeyError that names the nearest names there are: `raise unknown("code list", "esa", names())`."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake pays for it

    near = get_close_matches(name, list(known), n=3)
    if not near:
        near = get_close_matches(name.lower(), [other for other in known if other == other.lower()], n=3)
    mend = f"did you mean {' or '.join(near)}?" if near else "no name comes near"
    return KeyError(f"there is no {kind} {name!r}: {mend}")
