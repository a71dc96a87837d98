"""The Peppol PKI: our identity, trust anchors, validity, key usage, seat ids, revocation; and a PKI to test with."""
