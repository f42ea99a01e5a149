"""What would change who is eligible: one module a question."""
