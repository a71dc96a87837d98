"""The native rules, a package for each specification."""
