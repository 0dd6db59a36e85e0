"""Commands under `pouce nlu`, one file each."""
