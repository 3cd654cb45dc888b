"""REDCap's data dictionary, out and in: https://projectredcap.org, the CSV of 18 columns that describes a project.

What fits stands where REDCap looks for it: kinds, choices, branching logic, limits, @NONEOFTHEABOVE for an answer that
goes with no other, @CHARLIMIT for the length of a text. What does not fit is reported, never dropped.
"""

from evaluations.interchange.dictionary_columns import Note
from evaluations.interchange.dictionary_reading import Reading, read
from evaluations.interchange.dictionary_rows import DictionaryRefused
from evaluations.interchange.dictionary_writing import Dictionary, dictionary, dictionary_of

__all__ = ["Dictionary", "DictionaryRefused", "Note", "Reading", "dictionary", "dictionary_of", "read"]
