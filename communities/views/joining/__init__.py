"""The ways into a community, and deciding about those who ask."""
