"""What members said, as far as it may be shown; what came of it; taking it away."""
