"""The checks before approval, one file each. They run in the order of CHECKS in `newsletter/preflight/__init__.py`."""
