"""Receivables: the right reminder, by the right channel, on the right morning, within the law, once."""
