"""The demo: an invented weblog with everything a site can have, written as files in this folder."""
