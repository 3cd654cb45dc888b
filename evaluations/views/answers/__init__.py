"""Pages behind a personal link, and a person's own answers."""
