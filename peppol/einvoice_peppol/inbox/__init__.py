"""What we receive: kept before it is acknowledged, handed over once."""
