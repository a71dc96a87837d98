"""Policies with one fault each: what is changed in a sound one, the code that it has, and the line where it stands."""

from __future__ import annotations

from typing import NamedTuple

SOUND = """\
version: 1
name: sound
currency: EUR
exchange:
  USD: {rate: 0.92, on: 2026-11-01}
calendar:
  days: [mon, tue]
  window: 08:30-12:00
  tz: Europe/Amsterdam
limits:
  gap: 3
minimum: 5
prelude:
  - {id: pre, offset: -1, all_of: [email]}
segments:
  - {id: companies, when: "party.kind == 'b2b' && debtor.open > 500", flow: hard}
  - {id: rest, when: "true", flow: soft}
flows:
  hard:
    - {id: h1, offset: 0, all_of: [email], firmness: 1, voice: humour_light}
    - {id: h2, offset: 7, any_of: [whatsapp, sms], firmness: 2, skip_channels_when: {sms: "country.no_call"}}
    - {id: h3, offset: 14, all_of: [letter], lang: [party.lang, en]}
    - {id: h4, offset: 30, handover: agency, firmness: 4}
  soft:
    pay_day: 25
    steps:
      - {id: s1, offset: 0, all_of: [email]}
      - {id: s2, offset: 9, all_of: [letter], document: notice_of_default, firmness: 3}
disputes:
  categories: {already_paid: 7}
payment_plans:
  max_instalments: 6
  propose_at: [h2]
discounts:
  - {percent: 2, within_days: 7, when: "party.loyalty == 'loyal'"}
experiments:
  - id: trial
    flow: hard
    step: h2
    arms: {A: {any_of: [sms]}, B: {any_of: [whatsapp]}}
"""


class Broken(NamedTuple):
    """A change of the sound policy: what is replaced by what, the code of the fault, and what its line holds (the new text unless told)."""

    old: str
    new: str
    code: str
    holds: str = ""

    @property
    def text(self) -> str:
        """The broken policy."""
        assert SOUND.count(self.old) >= 1, self.old
        return SOUND.replace(self.old, self.new, 1)

    @property
    def line(self) -> int:
        """The line where its fault stands."""
        mark = self.holds or self.new
        return 1 + self.text[: self.text.index(mark)].count("\n")


BROKEN = (
    # what is no YAML, or more of YAML than a policy may use
    Broken("name: sound", "name: [sound", "yaml-syntax", "currency"),
    Broken("name: sound", "name: so: und", "yaml-syntax"),
    Broken("name: sound", "\tname: sound", "yaml-syntax"),
    Broken("name: sound", "name: &a sound", "yaml-anchor"),
    Broken("name: sound", "name: *a", "yaml-anchor"),
    Broken("name: sound", "name: !!python/name:os.system sound", "yaml-tag"),
    Broken("name: sound", "name: " + "[" * 40 + "]" * 40, "yaml-too-deep"),
    Broken("name: sound", "name: sound\nname: again", "duplicate-key", "name: again"),
    Broken("  gap: 3", "  gap: 3\n  gap: 4", "duplicate-key", "  gap: 4"),
    Broken("  gap: 3", "  ? [a]\n  : 3", "wrong-key", "? [a]"),
    # keys and values of the wrong shape
    Broken("name: sound", "nmae: sound\nname: sound", "unknown-key", "nmae"),
    Broken("{id: h1, offset: 0", "{id: h1, ofset: 0, offset: 0", "unknown-key"),
    Broken("  gap: 3", "  gaps: 3", "unknown-key"),
    Broken("{already_paid: 7}", "{already_payed: 7}", "unknown-key"),
    Broken('{sms: "country.no_call"}', '{smss: "country.no_call"}', "unknown-key"),
    Broken("version: 1\n", "", "missing-key", "name: sound"),
    Broken("{id: h1, offset: 0", "{id: h1", "missing-key"),
    Broken(", flow: soft}", "}", "missing-key", "id: rest"),
    Broken("version: 1", "version: 2", "unknown-value"),
    Broken("all_of: [email], firmness: 1", "all_of: [emial], firmness: 1", "unknown-value"),
    Broken("days: [mon, tue]", "days: [mon, tuesday]", "unknown-value"),
    Broken("offset: 7", "offset: seven", "wrong-type"),
    Broken("offset: 7", "offset: '7'", "wrong-type"),
    Broken("offset: 7", "offset: 7.5", "wrong-type"),
    Broken("  gap: 3", "  gap: true", "wrong-type"),
    Broken("days: [mon, tue]", "days: mon", "wrong-type"),
    Broken("pay_day: 25", "pay_day: payday", "wrong-type"),
    Broken("name: sound", "name:", "wrong-type"),
    Broken("minimum: 5", "minimum: five", "wrong-value"),
    Broken("currency: EUR", "currency: euro", "wrong-form"),
    Broken("window: 08:30-12:00", "window: 8.30-12", "wrong-form"),
    Broken("  hard:\n", "  2hard:\n", "wrong-form"),
    Broken("on: 2026-11-01", "on: 2026-13-01", "wrong-form"),
    Broken("lang: [party.lang, en]", "lang: [party.lang, english]", "wrong-form"),
    Broken("firmness: 4}", "firmness: 5}", "out-of-range"),
    Broken("  gap: 3", "  gap: 2", "out-of-range"),
    Broken("pay_day: 25", "pay_day: 32", "out-of-range"),
    Broken("percent: 2,", "percent: 12,", "out-of-range"),
    Broken("minimum: 5", "minimum: -5", "out-of-range"),
    Broken("{A: {any_of: [sms]}, B: {any_of: [whatsapp]}}", "{A: {any_of: [sms]}}", "empty"),
    Broken("days: [mon, tue]", "days: []", "empty"),
    # expressions
    Broken("party.kind == 'b2b' &&", "party.kind = 'b2b' &&", "expression"),
    Broken("party.kind == 'b2b' &&", "party.kind == 'b2b' and", "expression"),
    Broken("party.kind == 'b2b' &&", "(party.kind == 'b2b' &&", "expression"),
    Broken("party.kind == 'b2b' && debtor.open > 500", "party.kind == 'b2b' &&", "expression"),
    Broken("party.kind == 'b2b' &&", "party.kind == 'b2b &&", "expression"),
    Broken("party.kind == 'b2b' &&", "__import__('os') &&", "unknown-variable"),
    Broken("party.kind == 'b2b' &&", "party.kin == 'b2b' &&", "unknown-variable"),
    Broken("debtor.open > 500", "country.no_call", "unknown-variable"),
    Broken("country.no_call", "country.no_calls", "unknown-variable"),
    Broken("'b2b'", "'b2x'", "wrong-comparison"),
    Broken("party.kind == 'b2b'", "party.age == 'old'", "wrong-comparison"),
    Broken("party.kind == 'b2b'", "party.kind > 'b2b'", "wrong-comparison"),
    Broken("party.kind == 'b2b'", "party.country == 'nl'", "wrong-comparison"),
    Broken("party.kind == 'b2b'", "party.age > 17.5", "wrong-comparison"),
    Broken("party.kind == 'b2b'", "party.age > null", "wrong-comparison"),
    Broken("party.kind == 'b2b'", "party.kind != null", "wrong-comparison"),
    Broken("party.kind == 'b2b'", "party.kind in ['b2b', null]", "wrong-comparison"),
    Broken("party.kind == 'b2b'", "party.age == party.score", "wrong-comparison"),
    Broken("party.kind == 'b2b'", "1 < 2", "wrong-comparison"),
    Broken("party.kind == 'b2b'", "party.kind", "wrong-comparison"),
    Broken("party.kind == 'b2b'", "party.parent == 3", "wrong-comparison"),
    Broken("'loyal'", "'royal'", "wrong-comparison"),
    # what does not fit together
    Broken('when: "true"', "when: \"party.kind == 'b2c'\"", "no-catch-all"),
    Broken("id: rest", "id: companies", "duplicate-id", 'id: companies, when: "true"'),
    Broken("id: h2", "id: h1", "duplicate-id", "id: h1, offset: 7"),
    Broken("id: pre", "id: h1", "duplicate-id", "id: h1, offset: -1"),
    Broken("flow: hard}", "flow: hadr}", "unknown-flow"),
    Broken("    flow: hard", "    flow: hart", "unknown-flow"),
    Broken("    step: h2", "    step: h9", "unknown-step"),
    Broken("propose_at: [h2]", "propose_at: [h7]", "unknown-step"),
    Broken("offset: 7", "offset: 0", "offset-order", "id: h2, offset: 0"),
    Broken("offset: 14", "offset: 6", "offset-order"),
    Broken("offset: -1", "offset: 1", "prelude-after-due"),
    Broken("all_of: [letter], lang", "all_of: [letter], firmness: 1, lang", "firmness-falls"),
    Broken("notice_of_default, firmness: 3", "notice_of_default, firmness: 2", "firmness-low"),
    Broken("firmness: 2, skip", "firmness: 2, tone: humour_dry, skip", "humour-late"),
    Broken("B: {any_of: [whatsapp]}", "B: {voice: humour_dry}", "humour-late"),
    Broken("{id: h3, offset: 14, all_of: [letter],", "{id: h3, offset: 14,", "no-channel"),
    Broken("any_of: [whatsapp, sms], firmness", "all_of: [email], any_of: [whatsapp, sms], firmness", "channels-twice"),
    Broken("[whatsapp, sms]", "[sms, sms]", "duplicate-entry"),
    Broken("handover: agency", "handover: agency, or_handover: court", "handover-twice"),
    Broken("window: 08:30-12:00", "window: 12:00-08:30", "window-order"),
    Broken("window: 08:30-12:00", "window: 08:30-12:99", "window-order"),
    Broken("tz: Europe/Amsterdam", "tz: Europe/Amsterdm", "unknown-time-zone"),
    Broken(
        "experiments:\n", "experiments:\n  - {id: early, flow: hard, step: h2, arms: {A: {}, B: {}}}\n", "experiment-clash", "    step: h2"
    ),
)

SEEDED = (
    ("party.kind == 'b2b' && debtor.open > 500", "party.kind == 'b2b' && party.kind == 'b2c'", "contradiction", "companies"),
    ("party.kind == 'b2b' && debtor.open > 500", "party.score < 0", "contradiction", "companies"),
    ('  - {id: rest, when: "true"', '  - {id: all, when: "true", flow: soft}\n  - {id: rest, when: "true"', "unreachable-segment", "rest"),
    (
        '  - {id: rest, when: "true"',
        '  - {id: late, when: "party.kind == \'b2b\' && debtor.open >= 501", flow: soft}\n  - {id: rest, when: "true"',
        "unreachable-segment",
        "late",
    ),
    ("flow: hard}", "flow: soft}", "unused-flow", "  hard:"),
    ("{id: h3, offset: 14, all_of: [letter],", "{id: h3, offset: 14, final: true, all_of: [letter],", "unreachable-step", "id: h4"),
    ("[email], firmness: 1, voice: humour_light", "[peppol], firmness: 1", "", ""),
    (
        'any_of: [whatsapp, sms], firmness: 2, skip_channels_when: {sms: "country.no_call"}',
        'any_of: [sms], skip_channels_when: {sms: "true"}',
        "impossible-channels",
        "id: h2",
    ),
    ("{id: h3, offset: 14, all_of: [letter], lang: [party.lang, en]}\n    - ", "", "", ""),
    ("limits:\n", "limits:\n  min_contacts_before_collection: 5\n", "handover-never", "id: h4"),
    ("offset: 14", "offset: 9", "step-too-soon", "id: h3"),
    ("{id: s1, offset: 0, all_of: [email]}", "{id: s1, offset: 0, all_of: [letter], document: aanmaning}", "severe-first", "id: s1"),
)
"""What of a sound policy is replaced by what, the code that `check` then names (none: nothing is amiss), and what its line holds."""
