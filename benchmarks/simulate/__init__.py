"""How often answers are wrong: the public functions, with their defaults, on invented truths."""
