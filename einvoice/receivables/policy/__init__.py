"""The policy: who is reminded of what, by which step; written in YAML, checked, versioned by hash."""

from einvoice.receivables.policy.checking import check
from einvoice.receivables.policy.discounts import Granted, discount
from einvoice.receivables.policy.experiments import arm
from einvoice.receivables.policy.finding import Finding, Place
from einvoice.receivables.policy.loading import Examined, default, examine, load
from einvoice.receivables.policy.model import Flow, Policy, Segment, Step
from einvoice.receivables.policy.pages import page, text
from einvoice.receivables.policy.segmenting import Chosen, because, segment, skipped

__all__ = [
    "Chosen",
    "Examined",
    "Finding",
    "Flow",
    "Granted",
    "Place",
    "Policy",
    "Segment",
    "Step",
    "arm",
    "because",
    "check",
    "default",
    "discount",
    "examine",
    "load",
    "page",
    "segment",
    "skipped",
    "text",
]
