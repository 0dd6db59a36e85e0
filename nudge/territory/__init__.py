"""Communes, zones, rounds and neighbours of the territory."""
