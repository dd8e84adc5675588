"""The settings of the installation, for administrators: the people who have an account."""
