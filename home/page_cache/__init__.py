"""A cache of complete answers in front of Django."""
