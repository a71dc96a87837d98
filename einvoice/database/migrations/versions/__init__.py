"""One module a revision; until the first release they are edited rather than added to."""
