"""The grey area that stands for a picture that could not be fetched yet. It is a file like others, but not stored."""

from base64 import b64decode

# A PNG of 16 × 9 pixels. Emails link to it by the hash of its content, so it must never change.
CONTENT = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAAAAAAeQfPuAAAAD0lEQVR42mM4ggYYBokAAPSZbkHPYaR7AAAAAElFTkSuQmCC"
)
NAME = "456ea7dce0fb626345082146576bbda4.png"
SHAPE = 9 / 16
