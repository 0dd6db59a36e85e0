"""The classifier: network, artefact folder, predictions."""
