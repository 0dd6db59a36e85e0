"""Pages that people open in a browser: Sophie's demonstration, the cockpit, accessibility."""
