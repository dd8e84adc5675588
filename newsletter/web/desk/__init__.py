"""The editors' desk: when an issue goes, and by whose leave. Its rules are those of the stages."""
