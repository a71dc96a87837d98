"""Participants: read, and held against the policy, the list of schemes and the check digits of their country."""

from __future__ import annotations

import re
from datetime import date

from einvoice.errors import BadIdentifier
from einvoice_peppol.identifiers.lists import Entry, State, code_list, today
from einvoice_peppol.identifiers.schemes import schemes
from einvoice_peppol.identifiers.values import PARTICIPANTS, Participant

LONGEST = 130
"""Characters that a value may have, without its scheme (Policy for use of Identifiers 4.4.0, 2)."""
_CODE = re.compile("[0-9]{4}", re.ASCII)
_PRINTABLE = re.compile("[!-~]+", re.ASCII)


def parse(text: str, *, strict: bool = True, on: date | None = None) -> Participant:
    """The participant that a text names: `0208:0123456749` or `iso6523-actorid-upis::0208:0123456749`; case does not count.

    Strict, as for what is ours to send: its scheme is in the list and holds on the day (today by default), its value has the shape
    and the check digits of the scheme. Otherwise, for what others state: four digits, a colon, printable characters without spaces.
    Raises BadIdentifier, which names the mend. Source: Policy for use of Identifiers 4.4.0, 1 to 11.
    """
    scheme, value = _split(text)
    if strict:
        _check_scheme(scheme, on or today())
        _check_value(scheme, value)
    return Participant(scheme, value)


def scheme(code: str) -> Entry | None:
    """What the list of schemes says of a code, None where it has none such."""
    return code_list("participants").entries.get(("", code))


def _split(text: str) -> tuple[str, str]:
    plain = text.strip()
    meta, separator, rest = plain.partition("::")
    if separator and _CODE.fullmatch(meta[:4]) is None:
        if meta != PARTICIPANTS:
            raise BadIdentifier(f"{_shown(text)}: participants are of {PARTICIPANTS}, not of {_shown(meta)}")
        plain = rest
    code, separator, value = plain.partition(":")
    if not separator or _CODE.fullmatch(code) is None:
        raise BadIdentifier(f"{_shown(text)} is no participant; write its scheme and its number, as 0208:0123456749")
    if not value or len(value) > LONGEST:
        raise BadIdentifier(f"{_shown(text)} has a value of {len(value)} characters; 1 to {LONGEST} are allowed")
    if _PRINTABLE.fullmatch(value) is None:
        raise BadIdentifier(f"{_shown(text)} holds spaces or characters beyond ASCII; leave them out")
    return code, value.lower()


def _check_scheme(code: str, day: date) -> None:
    entry = scheme(code)
    if entry is None:
        raise BadIdentifier(f"there is no scheme {code} in the network; `einvoice peppol identifiers` lists them")
    if entry.on(day) is State.REMOVED:
        when = f" since {entry.until}" if entry.until else ""
        raise BadIdentifier(f"the scheme {code} ({entry.id}) is no longer in the network{when}; use another identifier of the participant")


def _check_value(code: str, value: str) -> None:
    known = schemes().get(code)
    fault = known.fault(value) if known else None
    if fault is None or known is None:
        return
    tidy = re.sub(r"[ ./\-]", "", value).lower()
    mend = f"write {code}:{tidy}" if tidy != value and known.fault(tidy) is None else "compare it with the participant's own papers"
    raise BadIdentifier(f"{_shown(f'{code}:{value}')} is no identifier of its scheme: {fault}; {mend}")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:80]}…")
