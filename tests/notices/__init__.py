"""A snippet with drafts, as a site that grows may have one."""
