"""The pages that lead from an empty installation to the first issue."""
