"""Reads what people write: numbers, units, dates, places and expressions. The rules and the tools use it."""
