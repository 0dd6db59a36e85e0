"""Base encoders: the embedded one, a hub model or a local folder."""
