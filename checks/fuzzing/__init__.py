"""Plans gone through with new seeds for as long as there is time, and what that finds.

`fuzz` goes round, `witnesses` keeps what broke a property, `replay` tries it again.
"""
