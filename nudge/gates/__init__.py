"""What must hold before a campaign may be locked, one file a gate."""
