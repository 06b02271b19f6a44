"""The demo: an invented weblog that uses every feature, written as files in this folder."""
