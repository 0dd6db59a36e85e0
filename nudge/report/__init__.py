"""The report that officials read, as HTML and PDF."""
