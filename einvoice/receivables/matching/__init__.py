"""Which invoices a payment pays: bank statements, references, and a matcher that would rather ask than be wrong."""
