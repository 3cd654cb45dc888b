"""Bringing people and organisations in from a file: sort the rows, decide, import as a whole, undo as a whole.

`batches` keeps a file on its way, `known` loads what the portal knows in a fixed number of queries, `people` and
`organisations` sort each row into its class without asking the database again, `preview` stores that, `running` writes
it and `undoing` takes it back.
"""
