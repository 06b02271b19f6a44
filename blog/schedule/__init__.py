"""Publishes and expires scheduled pages and snippets at their moments."""

from .due import next_moment, remembered_next_moment

__all__ = ["next_moment", "remembered_next_moment"]
