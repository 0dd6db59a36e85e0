"""Field instruments: what is measured, in which columns, units and ranges."""
