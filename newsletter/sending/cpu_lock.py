"""Whose turn it is to keep Python busy: only one thread can, and several that try at once hinder each other.

A thread takes its turn for putting a batch together, and has given it up before it waits for the world outside.
"""

from threading import Lock

batch_assembly_lock = Lock()
