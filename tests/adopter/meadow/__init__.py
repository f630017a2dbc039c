"""A smooth ramp and a loss for PyTorch."""

from .ramp import smooth_ramp
from .loss import huber

__all__ = ["huber", "smooth_ramp"]
