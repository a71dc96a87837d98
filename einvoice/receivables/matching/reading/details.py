"""Field 86 of MT940, which SWIFT leaves to the banks: how German, Dutch and Belgian ones structure it.

Sources: DK, Anlage 3 DFÜ-Abkommen, chapter 8 (MT940: `?20`–`?29`, `?60`–`?63` purpose, `?30`–`?33` the other side, `?34` return code;
SEPA words `EREF+`, `MREF+`, `SVWZ+`, …); format descriptions MT940 of ABN AMRO, ING and Rabobank (`/REMI/`, `/EREF/`, `/CNTP/`, …).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from einvoice.receivables.matching.reading.ibans import iban_in
from einvoice.receivables.matching.reading.statement import meant


class Details(NamedTuple):
    """What field 86 says of a line."""

    name: str = ""
    iban: str = ""
    text: str = ""
    references: tuple[str, ...] = ()
    end_to_end: str = ""
    mandate: str = ""
    code: str = ""
    reason: str = ""
    ultimate: str = ""


_GERMAN = re.compile(r"(\d{3})([?>~+#])(?=\d\d)")
_WORDS = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|RREF|RTRN)\+")
_CODES = (
    "TRTP IBAN BIC NAME REMI EREF MARF MREF CSID ISDT RTRN ORDP BENM CNTP PREF PURP TRCD ULTD ULTC ULTB ADDR SVCL KREF IREF UTRN OAMT "
    "CHGS EXCH ISIN INIT SWOC SWOD SWOB ACCW OCMT RREF CRED DEBT"
)
_SLASH = re.compile("/(" + "|".join(_CODES.split()) + ")/")
_LABEL = re.compile(r"(IBAN|BIC|Naam|Omschrijving|Kenmerk|Machtiging|Incassant|Betalingskenm\.|Voor)\s*:\s*")
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")


def details(about: str) -> Details:
    """What field 86 says, by whichever structure it has; all of it is text where it has none."""
    lines = about.split("\n")
    if found := _GERMAN.match(about):
        return _german("".join(lines), found[1], found[2])
    joined = "".join(lines)
    if _SLASH.search(joined):
        return _slashed(lines, joined)
    text = " ".join(line.strip() for line in lines).strip()
    if _LABEL.search(text):
        return _labelled(text)
    account = next((iban for each in _ACCOUNT.findall(text) if (iban := iban_in(each))), "")
    return Details(iban=account, text=text)


def _german(joined: str, code: str, sign: str) -> Details:
    parts = [(part[:2], part[2:]) for part in joined.split(sign)[1:] if part[:2].isdigit()]
    purpose = [text for number, text in parts if "20" <= number <= "29" or "60" <= number <= "63"]
    words = _sepa(purpose)
    by = dict(parts)
    text = words["SVWZ"] if "SVWZ" in words else "" if words else " ".join(purpose)
    return Details(
        (by.get("32", "") + by.get("33", "")).strip(),
        iban_in(by.get("31", "")) or iban_in(words.get("IBAN", "")) or by.get("31", ""),
        text.strip(),
        (),
        meant(words.get("EREF", "").replace(" ", "")),
        meant(words.get("MREF", "").replace(" ", "")),
        code,
        by.get("34", ""),
        words.get("ABWA", ""),
    )


def _sepa(purpose: list[str]) -> dict[str, str]:
    """The purpose by its SEPA words; parts of 27 characters are cut within words, and a part may hold several words."""
    found: dict[str, list[str]] = {}
    word = ""
    for part in purpose:
        at = 0
        for match in _WORDS.finditer(part):
            if word and part[at : match.start()].strip():
                found[word].append(part[at : match.start()])
            word, at = match[1], match.end()
            found.setdefault(word, [])
        if word and part[at:].strip():
            found[word].append(part[at:])
    return {name: " ".join(texts).strip() for name, texts in found.items()}


def _slashed(lines: list[str], joined: str) -> Details:
    """Code words between slashes, in lines that are cut anywhere: in text a space stands where a line was cut."""
    cuts, at = [], 0
    for line in lines[:-1]:
        at += len(line)
        cuts.append(at)
    found: dict[str, str] = {}
    marks = list(_SLASH.finditer(joined))
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        start, end = mark.end(), after.start() if after else len(joined)
        value = _spaced(joined, start, end, cuts) if mark[1] == "REMI" else joined[start:end]
        found.setdefault(mark[1], value.strip().strip("/").strip())
    text, references = _remittance(found.get("REMI", ""))
    other = found.get("CNTP", "").split("/")
    name = found.get("NAME") or (other[2] if len(other) > 2 else "")
    return Details(
        name,
        iban_in(found.get("IBAN", "")) or iban_in(other[0]) or found.get("IBAN", ""),
        text,
        references,
        meant(found.get("EREF", "")),
        meant(found.get("MARF", "") or found.get("MREF", "")),
        found.get("TRTP", "") or found.get("TRCD", ""),
        found.get("RTRN", "").partition("/")[0],
        found.get("ULTD", "").partition("/")[2] or found.get("ULTD", ""),
    )


def _spaced(joined: str, start: int, end: int, cuts: list[int]) -> str:
    parts, at = [], start
    for cut in cuts:
        if start < cut < end:
            parts.append(joined[at:cut])
            at = cut
    return " ".join([*parts, joined[at:end]])


def _remittance(text: str) -> tuple[str, tuple[str, ...]]:
    """Text, or a reference of the creditor: `STRD/CUR/…` (national) and `STRD/ISO/…` (ISO 11649)."""
    kind, _, rest = text.partition("/")
    if kind == "STRD":
        return "", (rest.partition("/")[2].replace(" ", "").strip("/"),)
    return (rest.strip("/ ") if kind == "USTD" else text), ()


def _labelled(text: str) -> Details:
    """Words and colons, as ABN AMRO writes outside the structured form."""
    marks = list(_LABEL.finditer(text))
    found: dict[str, str] = {}
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        found.setdefault(mark[1], text[mark.end() : after.start() if after else len(text)].strip())
    reference = found.get("Betalingskenm.", "")
    return Details(
        found.get("Naam", ""),
        iban_in(found.get("IBAN", "").partition(" ")[0]) or found.get("IBAN", ""),
        found.get("Omschrijving", ""),
        (reference,) if reference else (),
        meant(found.get("Kenmerk", "")),
        found.get("Machtiging", ""),
        text[: marks[0].start()].strip(),
    )
