"""The desk shows an editor what goes live when, and moves it."""
