"""What Sophie may say: answers with their sources and validity, messages, contacts, lexicons."""
