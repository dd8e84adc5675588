"""The steps that an article passes, a file each, in the order of `ingest.STEPS`. None of them reads the database.

A step changes the article that passes. No step imports another one: what several need is in `html_and_text/`.
"""
