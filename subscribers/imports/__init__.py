"""People who come in as a CSV file of any origin: read, shown, tried out, then merged in one transaction."""
