"""How long answers of single people are kept, what is due to go, and destroying it."""
