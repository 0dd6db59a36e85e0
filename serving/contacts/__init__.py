"""Contacts of the other channels, from the export of the client relation tool."""
