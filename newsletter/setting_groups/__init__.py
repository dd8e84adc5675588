"""The settings in groups: `environment.Environment` has all of them."""
