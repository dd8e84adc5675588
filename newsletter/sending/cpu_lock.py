"""A lock for work that keeps Python busy: only one thread can run at a time, and several that try slow each other down.

A thread holds the lock while it assembles a batch, and releases it before it waits for the network or the database.
"""

from threading import Lock

batch_assembly_lock = Lock()
