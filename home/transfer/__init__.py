"""A whole site as files that people and programs can read, and a site made of them again."""
