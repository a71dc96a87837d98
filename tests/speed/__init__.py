"""How fast, beside other packages, in one run: `python -m tests.speed` prints the table."""
