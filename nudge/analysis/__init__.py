"""From a locked plan and observations to a campaign's result."""
