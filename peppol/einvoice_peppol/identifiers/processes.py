"""Processes: read, and found in the list."""

from __future__ import annotations

import re

from einvoice.errors import BadIdentifier
from einvoice_peppol.identifiers.lists import Entry, code_list
from einvoice_peppol.identifiers.values import PROCESSES, Process

LONGEST = 200
"""Characters that a value may have (Policy for use of Identifiers 4.4.0, 2)."""
_SCHEME = re.compile("[a-z0-9]+-[a-z0-9]+-[a-z0-9]+", re.ASCII)
_PRINTABLE = re.compile("[!-~]+", re.ASCII)


def parse(text: str, *, strict: bool = False) -> Process:
    """The process that a text names, `cenbii-procid-ubl::urn:…` or its value alone; case counts.

    Strict, it must be in the list. Raises BadIdentifier. Source: Policy for use of Identifiers 4.4.0, 24 to 27.
    """
    plain = text.strip()
    scheme, separator, value = plain.partition("::")
    if not separator or len(scheme) > 25 or _SCHEME.fullmatch(scheme) is None:
        scheme, value = PROCESSES, plain
    if not value or len(value) > LONGEST or _PRINTABLE.fullmatch(value) is None:
        raise BadIdentifier(f"{value[:80]!r} is no process: 1 to {LONGEST} printable ASCII characters without spaces")
    process = Process(value, scheme)
    if strict and entry(process) is None:
        raise BadIdentifier(f"there is no process {process} in the network's list {code_list('processes').version}")
    return process


def entry(process: Process) -> Entry | None:
    """What the list says of a process, None where it has none such."""
    return code_list("processes").entries.get((process.scheme, process.value))
