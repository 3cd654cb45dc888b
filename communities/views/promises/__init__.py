"""Actions, commitments, decisions and tests of change."""
