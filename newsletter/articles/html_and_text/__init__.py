"""What the formats and the steps share about HTML and text: pure functions, without the database or an article."""
