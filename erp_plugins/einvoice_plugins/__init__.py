"""The plugin contract: what every ERP plugin does alike, written once.

`records` and `mapping` make an invoice of what an ERP has posted, `posting` judges whether it may be posted, `delivery` says where it
stands, `foreign` keeps the outbox and `repository` the reminders in the ERP's own tables, `settings` are the same in every ERP, and
`conformance` is the kit that a plugin runs. `connector` serves ERPs without a plugin. Nothing in the library imports this package.
"""
