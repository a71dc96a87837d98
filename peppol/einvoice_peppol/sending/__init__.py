"""What we send: submitted through the gate, prepared, made durable, sent until proven."""
