"""Invoice Responses that came by Peppol open and close disputes of the receivables."""
