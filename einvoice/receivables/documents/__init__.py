"""Documents: what a message says, in the debtor's language; plain text, with every figure that the law wants in it."""

from einvoice.receivables.documents.plain import Debt, Document, Facts, Missing, composed, dossier

__all__ = ["Debt", "Document", "Facts", "Missing", "composed", "dossier"]
