"""The sending limits: rates, a warm-up, a canary batch, and a guard of the sender's reputation."""
