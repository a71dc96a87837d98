"""Random steps of debtors all over the world, each looked at with the time zones and holidays of its own country."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from einvoice.receivables import law
from einvoice.receivables.planning import plan
from tests.receivables.planning_machine import is_open
from tests.receivables.worlds import CREDITOR, debtor, invoice, policy_of

PLACES = {
    "NL": "Europe/Amsterdam",
    "BE": "Europe/Brussels",
    "DE": "Europe/Berlin",
    "FR": "Europe/Paris",
    "ES": "Europe/Madrid",
    "IT": "Europe/Rome",
    "AT": "Europe/Vienna",
    "LU": "Europe/Luxembourg",
    "PT": "Europe/Lisbon",
    "IE": "Europe/Dublin",
    "FI": "Europe/Helsinki",
    "GR": "Europe/Athens",
    "PL": "Europe/Warsaw",
    "US": "America/New_York",
    "JP": "Asia/Tokyo",
    "AU": "Australia/Sydney",
    "NZ": "Pacific/Auckland",
    "IN": "Asia/Kolkata",
    "BR": "America/Sao_Paulo",
    "NO": "Europe/Oslo",
}


def random_mornings(count: int, *, seed: int) -> int:
    """Plans random days until so many steps were seen, and looks at the hours of each; how many there were."""
    random = Random(seed)
    policy, rules = policy_of(every_day=False, prelude=True), law.load()
    seen = 0
    while seen < count:
        day = date(2025, 1, 1) + timedelta(days=random.randrange(1100))
        offsets = [random.randrange(-1, 40) for _ in range(20)]
        where = dict(enumerate(random.choices(sorted(PLACES), k=20), 1))
        world = [
            debtor(
                invoice(number, day - timedelta(days=offset)),
                number=number,
                country=where[number],
                creditor=CREDITOR._replace(country=random.choice(["NL", "BE", "DE"])),
            )
            for number, offset in enumerate(offsets, 1)
        ]
        for action in plan(world, policy, rules, day):
            country = where[action.debtor]
            is_open(action.not_before, action.not_after, action.day, country, PLACES[country])
            seen += 1
    return seen
