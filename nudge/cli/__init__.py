"""Commands of pouce campaign, one file a command."""
