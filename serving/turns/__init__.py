"""A turn of conversation: understood, answered, stored and followed up, all or nothing."""
