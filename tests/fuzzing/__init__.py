"""Hostile files made on purpose, put through what the product does with an upload."""
