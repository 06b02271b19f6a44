"""When writing goes live and when it expires: what is due, who does it, what came of it."""

from .due import next_moment

__all__ = ["next_moment"]
