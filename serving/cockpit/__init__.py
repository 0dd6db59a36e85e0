"""Figures of the service, without those that would single somebody out."""
