"""People: members of a community, everyone's record for staff, and one's own."""
