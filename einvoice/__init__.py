"""Read, write, calculate, convert and check EN 16931 invoices."""
