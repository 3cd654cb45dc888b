"""What becomes of a release: texts read and shown, waves side by side, results shared with those who answered."""
