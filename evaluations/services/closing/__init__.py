"""Closing a survey: every answer opened, shuffled and counted, a release made, the rest wiped."""
