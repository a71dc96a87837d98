"""What an agency or a legal team is given: a dossier that proves the claim."""
