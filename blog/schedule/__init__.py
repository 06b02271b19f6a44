"""Publishes and expires scheduled pages and snippets at their moments."""
