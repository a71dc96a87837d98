"""The connector for ERPs without a plugin: a hot folder and SQL views in, e-invoices and verdicts out, open items into the ledger.

Files are taken when they are whole, each once by its SHA-256; whatever kills the connector, at any point, nothing is lost and nothing
is imported or published twice (`work` says how). Needs the extra `receivables`; sending by Peppol the extra `peppol`.
"""
