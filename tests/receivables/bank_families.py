"""Two families of businesses for bank years: other countries, names, numbers, references, prices, words and habits.

The matcher was built looking at the first (Benelux). The second (hold-out: German, Nordic, Swiss) is only measured.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from stdnum import luhn
from stdnum.be import ogm_vcs
from stdnum.ch import esr


class Family(NamedTuple):
    """What the businesses of a family have in common; `number` and `reference` make them of an ordinal."""

    name: str
    country: str
    first: tuple[str, ...]
    last: tuple[str, ...]
    trades: tuple[str, ...]
    forms: tuple[str, ...]
    prices: tuple[str, ...]
    number: Callable[[int], str]
    reference: Callable[[int, random.Random], str]
    phrases: tuple[str, ...]
    chatter: tuple[str, ...]
    banks: tuple[str, ...]
    subscribers: float
    rates: dict[str, float]


def _ogm(ordinal: int, _: random.Random) -> str:
    body = f"{4_000_000_000 + ordinal * 7:010}"
    return f"+++{body[:3]}/{body[3:7]}/{body[7:]}{ogm_vcs.calc_check_digits(body)}+++"


def _mod97(body: str) -> int:
    return 98 - int("".join(str(int(sign, 36)) for sign in f"{body}RF00")) % 97


def _nl(ordinal: int) -> str:
    body = f"{100_000_000_000_000 + ordinal * 13:015}"
    rest = 11 - sum(int(digit) * (2, 4, 8, 5, 10, 9, 7, 3, 6, 1)[place % 10] for place, digit in enumerate(reversed(body))) % 11
    return str({10: 1, 11: 0}.get(rest, rest)) + body


def _fi(ordinal: int) -> str:
    body = f"{55_000_000 + ordinal}"
    return body + str(-sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(body))) % 10)


def _kid(ordinal: int) -> str:
    body = f"{7_100_000_000 + ordinal * 3}"
    return body + luhn.calc_check_digit(body)


def _qrr(ordinal: int) -> str:
    body = f"{21_000_000_000_000_000_000_000_000 + ordinal * 17:026}"
    return body + esr.calc_check_digit(body)


def _benelux(ordinal: int, chance: random.Random) -> str:
    which = chance.random()
    return (
        _ogm(ordinal, chance)
        if which < 0.6
        else _nl(ordinal)
        if which < 0.8
        else f"RF{_mod97(str(9_000_000 + ordinal)):02}{9_000_000 + ordinal}"
    )


def _northern(ordinal: int, chance: random.Random) -> str:
    which = chance.random()
    plain = str(9_000_000 + ordinal)
    return (
        _qrr(ordinal) if which < 0.3 else _kid(ordinal) if which < 0.5 else _fi(ordinal) if which < 0.7 else f"RF{_mod97(plain):02}{plain}"
    )


RATES = {
    "combined": 0.06,
    "partial": 0.03,
    "discount takers": 0.05,
    "double": 0.015,
    "swapped": 0.02,
    "swapped structured": 0.008,
    "wrong own": 0.015,
    "wrong own structured": 0.01,
    "foreign": 0.006,
    "third party": 0.04,
    "shared account": 0.01,
    "casual third party": 0.01,
    "overpaid": 0.006,
    "amount typo": 0.005,
    "name variant": 0.3,
    "nothing": 0.2,
    "loose": 0.15,
    "long": 0.06,
    "chatter": 0.3,
    "new account": 0.03,
    "namesake": 0.02,
    "never": 0.02,
    "refund": 0.5,
    "reversed": 0.002,
    "ultimate": 0.005,
    "no name": 0.01,
    "many in one": 0.02,
}
"""How often each thing happens, per payment or per debtor."""

BENELUX = Family(
    "benelux",
    "BE",
    tuple(
        "Jan Piet Els An Koen Marie Luc Sofie Tom Lies Dirk Eva Wim Nele Bart Ilse Joris Katrien Stef Griet Mohamed Fatima Yusuf".split()
    ),
    tuple(
        "Janssens Peeters Maes Jacobs Mertens Willems Claes Goossens Wouters Dubois Lambert Dupont Martin Simon Leroy Laurent de_Vries "
        "van_den_Berg Jansen Bakker Visser Smit Meijer de_Boer Mulder Bos Vos Peters Hendriks van_Dijk El_Amrani Özdemir Kowalski".split()
    ),
    tuple("Bakkerij Garage Drukkerij Apotheek Slagerij Bouwbedrijf Transport Kapsalon Café Boekhandel Tuinen Advies Studio".split()),
    ("BV", "NV", "B.V.", "BVBA", "VOF", "SRL", ""),
    ("25.00", "49.00", "60.50", "99.00", "121.00", "121.00", "36.30"),
    lambda ordinal: f"2026-{ordinal:05}",
    _benelux,
    (
        "Factuur {n}",
        "fact. {n}",
        "{n}",
        "betaling factuur {n}",
        "Facture {n}",
        "inv {n} bedankt",
        "FACTUURNR {n}",
        "{n} klant {k}",
        "fac{n}",
    ),
    (
        "bedankt",
        "uw levering van 12-10-2026",
        "order 88{r}",
        "tel 0478 12 34 56",
        "t.a.v. boekhouding",
        "betaling",
        "zie bijlage",
        "klantnummer {k}",
        "PO 2026/{r}",
        "periode 01/2026",
        "onze ref {r}{r}",
        "Kerkstraat 12 9000 Gent",
        "merci",
    ),
    ("KBCA", "INGB", "ABNA", "RABO"),
    0.35,
    RATES,
)
NORTHERN = Family(
    "northern",
    "DE",
    tuple(
        "Hans Anna Karl Ursula Jürgen Petra Sven Astrid Lars Ingrid Mikko Aino Ole Kari Urs Reto Heidi Beat Björn Åsa Zoë Łukasz".split()
    ),
    tuple(
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Virtanen Korhonen Hansen Johansen Olsen Larsen Nilsson "
        "Andersson Karlsson Keller Huber Frei Baumann von_Allmen Groß Köhler Jäger Weiß Nowak Kaya Yılmaz Petrović".split()
    ),
    tuple("Bäckerei Autohaus Druckerei Apotheke Metzgerei Bau Elektro Spedition Friseur Café Garten Beratung Atelier".split()),
    ("GmbH", "AG", "KG", "Oy", "AS", "AB", "UG", "OHG", ""),
    ("10.00", "20.00", "50.00", "100.00", "119.00", "59.50", "100.00"),
    lambda ordinal: f"RE{260_000 + ordinal}",
    _northern,
    ("Rechnung {n}", "Rg.Nr. {n}", "{n}", "RE-Nr {n} Kd {k}", "Zahlung {n} danke", "lasku {n}", "faktura {n}", "Rech. {n} vom 12.10.2026"),
    (
        "danke",
        "Lieferung KW 41",
        "Bestellung 4500{r}",
        "Tel. 030 123456",
        "wie besprochen",
        "Überweisung",
        "siehe Anlage",
        "Kundennummer {k}",
        "Auftrag 26-{r}",
        "Abschlag",
        "unser Zeichen {r}{r}",
        "Hauptstr. 5, 10115 Berlin",
        "kiitos",
        "tack",
    ),
    ("COBA", "DEUT", "NDEA", "UBSW"),
    0.45,
    {**RATES, "combined": 0.08, "partial": 0.04, "swapped": 0.03, "wrong own": 0.025, "double": 0.02, "namesake": 0.04, "loose": 0.2},
)
