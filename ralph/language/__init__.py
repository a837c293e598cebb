"""Words as people write them: numbers, units, dates, places and expressions. The rules and the tools read with it."""
