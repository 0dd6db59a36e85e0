"""Which messages are worth labelling, the rows that labels give to the corpus, and drift."""
