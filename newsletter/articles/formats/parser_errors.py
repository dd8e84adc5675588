"""What parsing libraries let through where a document is broken in a way that nobody foresaw."""

SLIPS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
