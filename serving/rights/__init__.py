"""Rights of the persons behind pseudonyms, and how long what is known of them is kept."""
