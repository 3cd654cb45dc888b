"""Receiving answers, keeping them in each privacy mode, and what a person may do with their own."""
