"""Who is who, where they work, which communities and roles they have; leaving, merging, erasure."""
