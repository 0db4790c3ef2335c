"""Files of other programs, read and edited by a mapping file that says which of their keys is which of ours.

`mapping` reads mapping files, `reading` and `writing` apply them; the other modules know one way to write keys each.
"""

from . import tables
from .mapping import READY, Mapping, ready
from .mapping import read as read_mapping
from .reading import TABLES, Post, decode, read, shown
from .writing import write

__all__ = ["READY", "TABLES", "Mapping", "Post", "decode", "read", "read_mapping", "ready", "shown", "tables", "write"]
