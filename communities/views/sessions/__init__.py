"""Sessions: the list, planning, recording, minutes, check-in, calendars."""
