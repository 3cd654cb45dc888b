"""Sessions: planned, moved, checked in to, recorded, minuted; and the mail about them."""
