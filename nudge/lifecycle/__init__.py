"""Status, locking, draw, verification, amendments and exports."""
