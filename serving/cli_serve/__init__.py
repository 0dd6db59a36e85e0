"""Commands of the service: starting it, keys, purge, rights, labels, reports, drift."""
