"""The figures that the README quotes, each against a bare reference loop in the same run."""
