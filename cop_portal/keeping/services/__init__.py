"""Doing a write once, and keeping drafts."""
