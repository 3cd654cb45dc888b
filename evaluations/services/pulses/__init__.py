"""Asking those who were at a session how it was: by mail, in the room, and pooled until there are enough."""
