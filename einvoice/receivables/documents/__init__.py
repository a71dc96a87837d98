"""Documents: what a message says, in the debtor's language, with every figure that the law wants in it; and the forms it takes."""

from einvoice.receivables.documents.compose import content
from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.parties import Debt, Facts, Missing, Party

__all__ = ["Content", "Debt", "Facts", "Missing", "Party", "content"]
