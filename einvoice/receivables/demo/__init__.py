"""A business to look at: two years of invoices of 2,000 debtors, and a quarter of daily runs, nothing of it sent."""
