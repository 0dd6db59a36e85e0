"""Design, power and analysis of cluster-randomised trials."""
