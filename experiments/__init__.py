"""Design, power and analysis of cluster-randomised trials that stay right with few clusters."""
