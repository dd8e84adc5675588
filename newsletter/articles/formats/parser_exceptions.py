"""What parsing libraries raise for documents that are broken in a way that nobody foresaw."""

PARSER_EXCEPTIONS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
