"""The first page of the desk: what needs attention, by publication."""
