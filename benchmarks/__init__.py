"""The benchmarks behind the figures in the README, each against a bare reference loop in the same run."""
