"""Every table of the receivables; importing this puts them all on the metadata."""

from einvoice.receivables.store.tables_actions import ACTIONS, MESSAGES, POLICIES, RUNS, TAKEN
from einvoice.receivables.store.tables_cases import DISPUTES, HISTORY, HOLDS, PLAN_TERMS, PLANS, PROMISES, TASKS
from einvoice.receivables.store.tables_ledger import CHARGES, ENTRIES, INVOICES, PAYMENTS, TRANSACTIONS
from einvoice.receivables.store.tables_papers import INCOMING, PAPERS
from einvoice.receivables.store.tables_parties import CONSENTS, CONTACTS, CREDITORS, DEBTORS, PEOPLE
from einvoice.receivables.store.tables_payments import BANK_FILES, BANK_LINES, CHECKOUTS, COLLECTIONS, MANDATES, PAY_LINKS

__all__ = [
    "ACTIONS",
    "BANK_FILES",
    "BANK_LINES",
    "CHARGES",
    "CHECKOUTS",
    "COLLECTIONS",
    "CONSENTS",
    "CONTACTS",
    "CREDITORS",
    "DEBTORS",
    "DISPUTES",
    "ENTRIES",
    "HISTORY",
    "HOLDS",
    "INCOMING",
    "INVOICES",
    "MANDATES",
    "MESSAGES",
    "PAPERS",
    "PAYMENTS",
    "PAY_LINKS",
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
