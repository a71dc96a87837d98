"""HTTP servers: the only part of the core that imports a web framework."""
