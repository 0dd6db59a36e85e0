"""Entities of a message: places, dates, waste, numbers, with offsets into the original text."""
