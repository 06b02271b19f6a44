"""The search backends of the reader's search, for Wagtail's `WAGTAILSEARCH_BACKENDS`."""
