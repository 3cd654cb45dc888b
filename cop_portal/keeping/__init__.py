"""Nothing typed, nothing sent is lost: what was sent is done once, what is being typed is kept as a draft."""
