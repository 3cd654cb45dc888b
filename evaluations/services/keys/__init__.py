"""The keys that seal surveys and make pseudonyms: made safe first, looked after, destroyed when promised."""
