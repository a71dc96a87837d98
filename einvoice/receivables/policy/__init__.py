"""The policy: who is reminded of what, by which step; written in YAML, checked, versioned by hash."""

from einvoice.receivables.policy.model import Flow, Policy, Segment, Step

__all__ = ["Flow", "Policy", "Segment", "Step"]
