"""The record of a session as a thing that can be read, compared, merged and written.

`said` is what a writer says, `content` what stands, `merging` brings the two together, `writing` puts the outcome into
the tables, `words` says it to a person. The verbs are in services/sessions/recording.py.
"""
