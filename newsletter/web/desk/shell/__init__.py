"""The frame of the desk: navigation, logging in, the activity page, and pages that say what went wrong."""
