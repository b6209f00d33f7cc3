"""Seals an ever larger index and says how many products are on the disk, until it is killed: FOLDER."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lookalike.index import ApproximateIndex, Changes, Space
from support.nearest import IMAGE, TEXT, clustered

MOST = 4000


def main(folder: Path) -> None:
    """The revision of each state is the number of its products."""
    space = Space("shop", "made", IMAGE, TEXT, folder=folder)
    products = clustered(MOST)
    while True:
        index = ApproximateIndex(space, begins_at=1)
        held = len(index)
        os.write(1, b"%d\n" % held)
        if held == MOST:
            return
        more = min(MOST, held + max(20, held // 5))
        index.apply(Changes(products[held:more], [], more))
        index.settle()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
