"""A naive judge of rules: one patient at a time, dated records in lists, plain loops. Written from the design, not from the product."""
