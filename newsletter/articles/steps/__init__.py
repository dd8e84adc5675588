"""One step a file, in the order of `ingest.STEPS`. A step changes the article that passes; it reads no database."""
