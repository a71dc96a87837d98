"""What the conditions look at: parts of a PDF, each read once, bounded, with the place where it stands."""
