"""The module's tests, as Tryton runs them."""
