"""The checks before approval, one file each. They run in the order of CHECKS in `preflight/all_checks.py`."""
