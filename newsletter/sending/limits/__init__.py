"""What keeps sending slow enough: rates, a warm-up, a first share, and a guard of the reputation."""
