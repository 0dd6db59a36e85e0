"""Who is drawn into which arm, from which set of admissible allocations, and how to check it."""
