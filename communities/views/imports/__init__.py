"""Bringing people and organisations in from a file, step by step."""
