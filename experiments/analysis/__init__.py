"""From grouped rows and a plan to effects with honest intervals."""
