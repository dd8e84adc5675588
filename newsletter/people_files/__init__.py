"""Files of people: those that are imported at the desk in steps, and those that are exported. Each is removed soon."""
