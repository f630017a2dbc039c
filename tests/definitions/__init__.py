"""Definitions as users write them, for the tests."""
