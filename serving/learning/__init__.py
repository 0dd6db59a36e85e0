"""Which messages are worth labelling, and the rows that labels give to the corpus."""
