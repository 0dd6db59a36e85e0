"""Who may call what, how much and how often; and how a refusal is told."""
