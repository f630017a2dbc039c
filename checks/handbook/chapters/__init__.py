"""The chapters of the handbook, one file each: `chapter()` gives it."""
