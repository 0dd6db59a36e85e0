"""Incident reports: services, requests and their form in Open311 GeoReport v2."""
