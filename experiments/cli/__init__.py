"""Commands under `pouce experiment`, one file each."""
