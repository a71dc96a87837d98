"""Planning: which action, for which debtor, today; pure and deterministic."""
