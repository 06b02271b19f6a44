"""The desk shows an editor what goes live when, and moves it."""

from .rescheduling import reschedule

__all__ = ["reschedule"]
