"""What carries "do the next batch" to whoever is free. The batch rows are the truth, not the engine."""
