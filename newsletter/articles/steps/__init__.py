"""The steps that an article passes, a file each, in the order of `ingest.STEPS`. None of them reads the database.

A step changes the article that passes. `well_nested.py` is the sanitiser's own.
"""
