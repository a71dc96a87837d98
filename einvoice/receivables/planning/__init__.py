"""Planning: which action, for which debtor, today; pure and deterministic."""

from einvoice.receivables.planning.plan import horizon, plan

__all__ = ["horizon", "plan"]
