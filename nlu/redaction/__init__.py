"""Personal data of a message found and replaced before anything is stored."""
