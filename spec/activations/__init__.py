"""Activation functions, one file for a function or a small family."""
