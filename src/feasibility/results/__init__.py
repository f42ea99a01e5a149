"""Results: what the failure patterns say, one module a question."""
