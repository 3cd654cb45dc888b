"""Pages that ask those who were at a session how it was."""
