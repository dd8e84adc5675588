"""What differs between the email of an issue and the approved one, that of the last issue, or the articles’ sites."""
