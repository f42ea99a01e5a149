"""Screening: cohort × scenario → one outcome per patient and criterion."""
