"""A module of Tryton: valid e-invoices from customer invoices, before they are posted; sent over Peppol, and followed.

Tryton registers the classes that `tryton.cfg` names.
"""
