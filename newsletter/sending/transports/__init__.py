"""The ways out: each takes a letter and a batch of recipients, and answers with one of four values."""
