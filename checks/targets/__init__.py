"""What is put before the court, and how its code is called.

`target` finds it by what the user says, `binding` by what the code says of itself;
`implementation` calls it, by the adapter of its array library; `sources` knows where it stands.
"""
