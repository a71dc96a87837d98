"""What payers write: references and numbers in every form that people and their programs make of them, right and wrong."""

from __future__ import annotations

import random
from typing import NamedTuple

from tests.receivables.bank_families import Family
from tests.receivables.bank_people import Bill, Person

_CUT = 140
_ORDINALS = 10**7


class Wrote(NamedTuple):
    """The unstructured text, the structured reference, what was meant (structured, number, loose, none) and what went wrong."""

    text: str
    reference: str
    style: str
    noise: set[str]


def written(family: Family, chance: random.Random, person: Person, owed: list[Bill], last: Bill | None) -> Wrote:
    """What stands on a payment of these invoices; `last` is the invoice that was paid before."""
    rates = family.rates
    if len(owed) == 1 and owed[0].reference and chance.random() < 0.8:
        return _structured(family, chance, owed[0], last)
    style = "none" if chance.random() < rates["nothing"] else "loose" if chance.random() < rates["loose"] else "number"
    noise: set[str] = set()
    numbers = [bill.number for bill in owed]
    if style != "none" and last is not None and chance.random() < rates["wrong own"]:
        numbers[0] = last.number
        noise.add("wrong number")
    if style != "none" and chance.random() < rates["swapped"]:
        numbers[-1] = swapped(numbers[-1], chance)
        noise.add("swapped digits")
    if style == "loose":
        numbers = [loosened(number, chance) for number in numbers]
        noise.add("number with parts missing")
    text = "" if style == "none" else _phrase(family, chance, person, numbers)
    if style == "none" or chance.random() < rates["chatter"]:
        text = _chatter(family, chance, person, text)
    if style == "none":
        noise.add("missing reference")
    if chance.random() < rates["long"]:
        text = _long(family, chance, person, text)
        noise.add("cut at 140")
    return Wrote(text[:_CUT].strip(), "", style, noise)


def _structured(family: Family, chance: random.Random, bill: Bill, last: Bill | None) -> Wrote:
    """A structured reference, in its field or typed into the text; sometimes an old one, a mistyped one or another creditor's."""
    rates, reference, noise = family.rates, bill.reference, set[str]()
    if last is not None and last.reference and chance.random() < rates["wrong own structured"]:
        reference = last.reference
        noise.add("wrong reference")
    elif chance.random() < rates["swapped structured"]:
        reference = swapped(reference, chance)
        noise.add("swapped digits")
    elif chance.random() < rates["foreign"]:
        reference = family.reference(_ORDINALS + chance.randrange(10**6), chance)
        noise.add("foreign reference")
    plain = "".join(sign for sign in reference if sign.isalnum())
    how = chance.random()
    if how < 0.75:
        return Wrote("", plain, "structured", noise)
    typed = reference if how < 0.88 else " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))
    return Wrote(f"{typed} {chance.choice(family.chatter).format(k='', r='')}".strip() if how > 0.97 else typed, "", "structured", noise)


def swapped(text: str, chance: random.Random) -> str:
    """Two neighbouring digits that differ change places; where there are none, a digit becomes another."""
    spots = [at for at in range(len(text) - 1) if text[at : at + 2].isdigit() and text[at] != text[at + 1]]
    if not spots:
        return text[:-1] + str((int(text[-1]) + 1) % 10) if text[-1:].isdigit() else text
    at = chance.choice(spots)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def loosened(number: str, chance: random.Random) -> str:
    """A number as people shorten it: other signs, no letters, no leading zeros, the last part alone."""
    digits = "".join(sign for sign in number if sign.isdigit())
    tail = number.rpartition("-")[2]
    plain = "".join(sign for sign in tail if sign.isdigit()).lstrip("0")
    ways = [digits, number.replace("-", "/"), number.replace("-", " "), number.lower(), f"{digits[:4]} {digits[4:]}"]
    ways += [f"{number.partition('-')[0]}-{plain}", plain] if "-" in number else [plain[2:], plain]
    return chance.choice(ways)


def _phrase(family: Family, chance: random.Random, person: Person, numbers: list[str]) -> str:
    """Numbers in a sentence; those of a row may be shortened to their ends."""
    if len(numbers) > 1 and chance.random() < 0.2:
        joined = numbers[0] + "".join(f"/{number[-3:]}" for number in numbers[1:])
    else:
        joined = chance.choice((", ", " ", "+", " en ", "/")).join(numbers)
    return chance.choice(family.phrases).format(n=joined, k=person.key)


def _chatter(family: Family, chance: random.Random, person: Person, text: str) -> str:
    more = chance.choice(family.chatter).format(k=person.key, r=chance.randrange(10, 999))
    return f"{text} {more}".strip() if chance.random() < 0.7 else f"{more} {text}".strip()


def _long(family: Family, chance: random.Random, person: Person, text: str) -> str:
    """So much before it that the end is cut off, within a word or number."""
    before = ""
    room = _CUT - chance.randrange(1, len(text) + 20) if text else _CUT
    while len(before) < room:
        before += chance.choice(family.chatter).format(k=person.key, r=chance.randrange(10, 999)) + " "
    return before[:room] + " " + text
