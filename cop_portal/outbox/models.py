"""Mail as rows: the database is the record, Celery and Redis only wake the sender."""
