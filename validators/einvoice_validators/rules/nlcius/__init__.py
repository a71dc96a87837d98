"""NLCIUS."""
