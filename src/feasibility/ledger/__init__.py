"""The ledger: one table in which each criterion is a row with its switch, its threshold, what it costs and its funnel step; as plain data."""
