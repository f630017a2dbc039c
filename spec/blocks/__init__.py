"""Building blocks of activations and losses, one file for a function or a small family."""
