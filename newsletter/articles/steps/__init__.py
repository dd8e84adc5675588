"""The steps that an article passes, a file each, in the order of `ingest.STEPS`. None of them reads the database.

A step changes the article that passes. `rewrite_html_in_linear_time.py` is the sanitiser's own.
"""
