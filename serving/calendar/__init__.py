"""Days of the service: collections by sector, public and school holidays, opening hours."""
