"""One module per resource of the interface."""
