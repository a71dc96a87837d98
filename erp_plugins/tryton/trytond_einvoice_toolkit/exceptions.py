"""What the module says where it stops something."""

from trytond.exceptions import UserError, UserWarning


class InvoiceNotValidError(UserError):
    """An invoice with fatal findings cannot be posted, or not be sent."""


class InvoiceNotValidWarning(UserWarning):
    """An invoice with fatal findings is posted all the same, where somebody confirms it."""
