"""The ways into a community: invited by mail, by a link shown at a session, or by asking."""
