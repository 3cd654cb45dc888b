"""Filling a demo: two years of seven communities, told through the services as if it had happened."""
