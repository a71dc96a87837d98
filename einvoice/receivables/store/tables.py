"""Every table of the receivables; importing this puts them all on the metadata."""

from einvoice.receivables.store.tables_actions import ACTIONS, MESSAGES, POLICIES, RUNS, TAKEN
from einvoice.receivables.store.tables_cases import DISPUTES, HISTORY, HOLDS, PLAN_TERMS, PLANS, PROMISES, TASKS
from einvoice.receivables.store.tables_ledger import CHARGES, ENTRIES, INVOICES, PAYMENTS, TRANSACTIONS
from einvoice.receivables.store.tables_parties import CONSENTS, CONTACTS, CREDITORS, DEBTORS, PEOPLE

__all__ = [
    "ACTIONS",
    "CHARGES",
    "CONSENTS",
    "CONTACTS",
    "CREDITORS",
    "DEBTORS",
    "DISPUTES",
    "ENTRIES",
    "HISTORY",
    "HOLDS",
    "INVOICES",
    "MESSAGES",
    "PAYMENTS",
    "PEOPLE",
    "PLANS",
    "PLAN_TERMS",
    "POLICIES",
    "PROMISES",
    "RUNS",
    "TAKEN",
    "TASKS",
    "TRANSACTIONS",
]
