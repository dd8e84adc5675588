"""What parsing libraries let through where a document is broken in a way that nobody foresaw."""

PARSER_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
