"""Text treatment shared by training and serving: normalisation, perturbations, language."""
