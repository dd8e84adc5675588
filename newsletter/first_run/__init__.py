"""What leads somebody from an empty installation to the first issue, and the example to look around with."""
