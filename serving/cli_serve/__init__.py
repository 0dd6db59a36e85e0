"""Commands of the service: starting it, keys, purge, rights of persons, messages to label."""
