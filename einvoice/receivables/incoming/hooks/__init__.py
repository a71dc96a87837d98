"""Providers' ways of calling us, each pure: what a signed request tells."""
