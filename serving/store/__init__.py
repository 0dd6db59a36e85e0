"""What the service keeps: keys, conversations, messages, feedback and all that follows them."""
