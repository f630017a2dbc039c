"""Recorded verdicts, and the gate that compares a report with them.

`ledger` knows its entries, `text` reads and writes them, `gate` compares, `record` brings a ledger
up to date.
"""
