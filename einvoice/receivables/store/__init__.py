"""The SQL store of the receivables: tables, snapshots for the planner, what was decided."""
