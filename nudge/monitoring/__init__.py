"""Quality of the field work while a campaign runs."""
