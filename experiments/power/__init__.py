"""What a trial can detect: closed forms, stepped wedges, simulation with the final estimator."""
