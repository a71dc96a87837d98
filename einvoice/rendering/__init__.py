"""Invoices that people can look at: HTML and PDF, from one sheet, in a house style, by templates that can be changed."""
