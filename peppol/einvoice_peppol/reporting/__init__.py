"""What every access point reports each month: transactions (TSR) and end users (EUSR)."""
