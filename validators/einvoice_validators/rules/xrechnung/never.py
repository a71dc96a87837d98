"""Rules of the official artefact that have none here, because nothing can break them."""

NEVER_UBL: dict[str, str] = {}
NEVER_CII: dict[str, str] = {}
