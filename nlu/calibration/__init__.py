"""From logits to confidence, an out-of-scope score and a decision."""
