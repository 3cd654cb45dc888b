"""Taking a closed survey away: asked for on a page or over the API, made by the worker, kept for some days.

What may be in it follows from the privacy mode: of an anonymous survey the released figures and texts only; of a
confidential one, rows without anything that says who, for HIN staff who say why; of a named one rows with names.
"""
