"""Money that we ask for by link or direct debit."""
