"""What the data are like, before any criterion: rows, gaps, ranges, sites, contradictions and every problem found."""
