"""An import that says what was acknowledged and, if asked, kills itself there: PATH TOTAL DIE_AT."""

from __future__ import annotations

import os
import signal
import sys

from lookalike import ImportReport, Photo, Product, Shop
from support.samples import jpeg


def main(path: str, total: int, die_at: int) -> None:
    """Import products, telling each time how many of them are on the disk."""

    def tell(report: ImportReport) -> None:
        os.write(1, b"%d\n" % (report.added + report.updated + report.unchanged))
        if die_at and report.added >= die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    with Shop.open(path, "pixels") as shop:
        shop.add(
            [
                Product(f"p{n:03}", f"Item {n}", photos=(Photo(data=jpeg("red", size=32 + n % 64)),))
                for n in range(total)
            ],
            progress=tell,
        )


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
