"""Questionnaires as files: our own JSON, and the data dictionary of REDCap. Out and in again without a difference.

Nothing here writes to the database: reading gives a document, and what of it did not fit, in words.
"""
