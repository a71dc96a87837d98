"""A kit that any plugin runs: what the contract asks, as tests over one object that drives the ERP."""
