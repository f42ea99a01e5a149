"""Files, whatever they are called and however they came about → tables of columns, or sentences that say why not."""
