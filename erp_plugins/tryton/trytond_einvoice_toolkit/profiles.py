"""The sets of rules that an invoice can be held to, as choices of a field."""

PROFILES = [
    ("peppol", "Peppol BIS Billing 3.0"),
    ("xrechnung", "XRechnung"),
    ("nlcius", "NLCIUS"),
    ("en16931", "EN 16931"),
]
