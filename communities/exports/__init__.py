"""Everything can be taken away: every table of a community, or of the network, in open formats.

`tables` says what a table is, the nouns beside it define them, `formats` writes them. Three rules hold in all of them:
what is marked private is left out, whoever asks; a person with lived experience is never named; a person who can act is
named by their post.
"""
