"""Complete answers, kept in the process and served without entering Django."""
