"""Rules: what a limb asks of a patient's records, as checked expressions and as English sentences."""
