"""The server that other access points reach."""
