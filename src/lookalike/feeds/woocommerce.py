"""WooCommerce's product CSV, which also contains products that are not for sale."""

from __future__ import annotations

from collections.abc import Iterator

from lookalike.feeds.base import Record
from lookalike.feeds.delimited import Table

_COLUMNS = frozenset({"SKU", "Name", "Published", "Regular price"})
# Private products and drafts.
_UNPUBLISHED = frozenset({"0", "-1"})


def is_woocommerce(table: Table) -> bool:
    """Whether a table is a product export of WooCommerce."""
    return set(table.names) >= _COLUMNS


class WooCommerceTable(Table):
    """The table without the products that are not published."""

    def records(self) -> Iterator[Record]:
        """The rows of published products, and invalid rows."""
        at = self.names.index("Published")
        for record in super().records():
            if record.problem or str(record.cells[at]).strip() not in _UNPUBLISHED:
                yield record
