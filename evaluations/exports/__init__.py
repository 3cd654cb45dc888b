"""A closed survey as an archive that others can work with: tables, labelled data, a codebook, and how it was counted.

`datasets` says what a table is, `figures` and `answers` make them, `workbook`, `sav`, `codebook` and `ddi` write
them, `package` puts it all into one zip. Nothing here asks the database or the clock: what may be in an export is
decided by the services that call it, and the same data give the same bytes.
"""
