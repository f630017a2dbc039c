"""Modules that are bad targets, one fault each."""
