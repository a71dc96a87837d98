"""Cases: disputes, promises, payment plans and write-off, and the clocks that move them."""
