"""The policy as pydantic reads it: segments, flows of steps, calendar, limits, and what happens around them.

Nothing undeclared is accepted (`extra="forbid"`). `einvoice.receivables.policy.load` reads YAML, names file, line and mend of every
fault, and gives a `Policy`; its version is the SHA-256 of its text.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from einvoice.money import exact

NAME = r"^[a-zA-Z][a-zA-Z0-9_-]{0,59}$"
WINDOW = r"^\d\d:\d\d-\d\d:\d\d$"
Name = Annotated[str, Field(pattern=NAME)]
Amount = Annotated[Decimal, BeforeValidator(lambda value: exact(str(value) if isinstance(value, int | float) else value))]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Channel = Literal["email", "sms", "whatsapp", "letter", "registered_letter", "call", "computer_call", "peppol", "portal"]
Category = Literal[
    "invoice_not_received",
    "payment_plan_proposal",
    "already_paid",
    "contract_ended",
    "invoice_incorrect",
    "po_number_missing",
    "price_not_as_agreed",
    "delivery_quality",
    "other",
]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
SEVERE = frozenset({"statutory_notice", "aanmaning", "notice_of_default", "legal_letter"})
"""Documents with legal consequences: never reached by skipping the step before."""


class Part(BaseModel):
    """A part of the policy."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Calendar(Part):
    """When reminders go out: days, the hours of the morning, whose holidays, whose time zone."""

    holidays: Literal["party.country", "creditor.country", "none"] = "party.country"
    days: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")
    window: Annotated[str, Field(pattern=WINDOW)] = "08:30-12:00"
    tz: str = "party"  # party, creditor, or the name of a time zone
    roll: Literal["next"] = "next"


class Limits(Part):
    """Caps that count steps, not messages; `gap` is the least number of days between two steps on an invoice."""

    count: Literal["steps"] = "steps"
    per_debtor_per_day: Annotated[int, Field(ge=1)] = 1
    per_debtor_per_7d: Annotated[int, Field(ge=1)] = 3
    min_contacts_before_collection: Annotated[int, Field(ge=0)] = 3
    gap: Annotated[int, Field(ge=3)] = 3


class Step(Part):
    """A contact moment, `offset` days after the due date: all of some channels or any of them, or a hand-over."""

    id: Name
    offset: Annotated[int, Field(ge=-30, le=730)]
    all_of: tuple[Channel, ...] = ()
    any_of: tuple[Channel, ...] = ()
    fallback: tuple[Channel, ...] = ()  # where none of the wanted channels reaches the debtor
    to: Name = "general"
    cc: tuple[Name, ...] = ()
    firmness: Annotated[int | None, Field(ge=0, le=4)] = None  # None: as the step before
    voice: str | None = Field(None, validation_alias=AliasChoices("voice", "tone"))
    lang: tuple[str, ...] = ()  # party.lang or languages, the first that we speak; empty: the debtor's
    document: Name = "reminder"
    contents: tuple[Name, ...] = ()
    claims: Literal["none", "interest", "costs", "all"] | None = None  # None: all for severe documents and hand-overs, else none
    handover: Name | None = None
    or_handover: Name | None = None  # where no channel of the step is left
    skip_channels_when: dict[Channel, str] = {}
    final: bool = False

    @property
    def is_severe(self) -> bool:
        """Whether it has consequences that must not be reached by skipping."""
        return bool(self.handover or self.or_handover or self.document in SEVERE or self.claimed != "none")

    @property
    def claimed(self) -> str:
        """What it adds to the debt."""
        return self.claims or ("all" if self.document in SEVERE - {"statutory_notice"} or self.handover else "none")


class Flow(Part):
    """Steps in the order of their offsets, and what is special about this flow."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    grouping: Literal["debtor", "invoice"] | None = None  # None: the policy's
    gap: Annotated[int | None, Field(ge=3)] = None
    pay_day: Annotated[int, Field(ge=1, le=31)] | Literal["party"] | None = (
        None  # a step rolls to the next such day of the month, at most 10 days on
    )
    grace: Annotated[int, Field(ge=0, le=60)] = 0  # days that every step after the due date waits longer

    def firmness_of(self, step: str) -> int:
        """How firm the step of that id is, 0 to 4: as stated, else as the step before, and 3 at least with legal consequences."""
        firmness = 0
        for each in self.steps:
            grave = each.document in SEVERE or each.handover is not None
            firmness = max(firmness, 3 if grave else 0) if each.firmness is None else each.firmness
            if each.id == step:
                break
        return firmness

    @cached_property
    def version(self) -> str:
        """16 hex digits of what the flow says."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


def flow_from_list(value: Any) -> Any:
    """A flow may be written as the bare list of its steps."""
    return {"steps": value} if isinstance(value, list | tuple) else value


class Segment(Part):
    """Debtors that a flow is for; the first segment that fits decides."""

    id: Name
    when: str
    flow: Name


class Disputes(Part):
    """What a dispute does: days to resolve by category, and what happens when they pass."""

    on_open: Literal["pause"] = "pause"
    on_sla_breach: dict[Literal["b2b", "b2c", "public"], Literal["resume_and_escalate", "ask_person"]] = {}
    categories: dict[Category, Annotated[int, Field(ge=1, le=365)]] = {}


class Missed(Part):
    """What follows a missed term of a payment plan."""

    grace_days: Annotated[int, Field(ge=0)] = 5
    then: Literal["resume", "ask_person"] = "resume"


class Plans(Part):
    """Limits of payment plans; `propose_at` names the steps whose message proposes one."""

    max_instalments: Annotated[int, Field(ge=2)] = 6
    min_instalment: Annotated[Amount, Field(gt=0)] = Decimal(25)
    max_days: Annotated[int, Field(ge=1)] = 180
    auto_approve_below: Annotated[Amount, Field(ge=0)] = Decimal(0)
    on_missed: Missed = Missed()
    propose_at: tuple[Name, ...] = ()


class Discount(Part):
    """A discount for paying early: percent of the amount, through `within_days` after the issue date."""

    percent: Annotated[Amount, Field(gt=0, le=10)]
    within_days: Annotated[int, Field(ge=1, le=60)]
    when: str = "true"


class Arm(Part):
    """One arm of an experiment: what of the step is different."""

    all_of: tuple[Channel, ...] = ()
    any_of: tuple[Channel, ...] = ()
    voice: str | None = Field(None, validation_alias=AliasChoices("voice", "tone"))
    contents: tuple[Name, ...] | None = None


class Experiment(Part):
    """A comparison of arms on one step; a debtor stays in the arm that the hash of its key gives."""

    id: Name
    flow: Name
    step: Name
    arms: Annotated[dict[Name, Arm], Field(min_length=2)]
    unit: Literal["debtor"] = "debtor"
    metric: Name = "paid_within_14d"
    min_per_arm: Annotated[int, Field(ge=1)] = 400


class Rate(Part):
    """What one unit of a currency is worth in the policy's, for thresholds only; `on` dates it."""

    rate: Annotated[Amount, Field(gt=0)]
    on: str


class Ignored(Part):
    """A call task after a first reminder that nothing answered."""

    after_days: Annotated[int, Field(ge=1, le=30)] = 3


class Policy(Part):
    """Who is reminded of what, by which step. `text` is the YAML it was read from."""

    version: Literal[1]
    name: Name
    currency: Currency = "EUR"
    exchange: dict[Currency, Rate] = {}
    calendar: Calendar = Calendar()
    limits: Limits = Limits()
    grouping: Literal["debtor", "invoice"] = "debtor"
    minimum: Annotated[Amount, Field(ge=0)] = Decimal(0)  # below it nothing is reminded
    entry: Literal["first", "resume", "manual"] = "first"
    consent_required: tuple[Channel, ...] = ("whatsapp", "computer_call")
    prelude: tuple[Step, ...] = ()
    segments: Annotated[tuple[Segment, ...], Field(min_length=1)]
    flows: Annotated[dict[Name, Annotated[Flow, BeforeValidator(flow_from_list)]], Field(min_length=1)]
    disputes: Disputes = Disputes()
    payment_plans: Plans = Plans()
    promises: dict[Literal["tolerance_days", "max_days"], Annotated[int, Field(ge=0, le=90)]] = {}
    discounts: tuple[Discount, ...] = ()
    costs: dict[Literal["regime"], Literal["by_law", "none"]] = {"regime": "by_law"}
    experiments: tuple[Experiment, ...] = ()
    call_after_ignored: Ignored | None = None
    humour: dict[Literal["last_step"], Annotated[int, Field(ge=0)]] = {"last_step": 1}
    text: Annotated[str, Field(exclude=True, repr=False)] = ""

    def __hash__(self) -> int:
        return id(self)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the text (of the content where it was built in Python): what every action stores."""
        return hashlib.sha256((self.text or self.model_dump_json()).encode()).hexdigest()
