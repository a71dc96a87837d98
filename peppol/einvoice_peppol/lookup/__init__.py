"""Finds a receiver: the SML by DNS, its SMP by HTTPS, what it takes and where (SML 1.3.0, SMP 1.4.0)."""
