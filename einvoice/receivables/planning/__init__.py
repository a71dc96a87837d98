"""Planning: which action, for which debtor, today; pure and deterministic."""

from einvoice.receivables.planning.plan import plan

__all__ = ["plan"]
