"""Simulated citizens, to try the service on days whose truth is known."""
