"""Stage 4: approval, the time at which an issue is sent, and the series that draft issues automatically."""
