"""What members said they would do: actions, commitments, decisions and tests of change."""
