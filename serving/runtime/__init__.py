"""What the routes work with, opened when the service starts and closed when it stops."""
