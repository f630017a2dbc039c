"""Faults injected everywhere, what was kept in spite of each, and the sentence the user saw.

`make faults` prints the table and fails when a row is not as it should be. A row is a function of
an empty folder; it asserts what must be so, and gives what was kept and what was said.
"""
