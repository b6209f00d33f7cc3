"""What a shop sells, in words that each stub translates into those of its system."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

OPENING = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class Piece:
    """One variant of an article; `former` is the price before a sale."""

    id: int
    price: str
    former: str = ""
    stock: int = 5
    tracked: bool = True
    options: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def sku(self) -> str:
        return f"SKU-{self.id}"


@dataclass
class Article:
    """One item of a shop with its variants."""

    id: int
    title: str
    pieces: list[Piece]
    description: str = ""
    brand: str = "Acme"
    category: tuple[str, ...] = ("Home", "Kitchen")
    fields: dict[str, str] = field(default_factory=dict[str, str])
    photos: tuple[str, ...] = ("red",)
    published: bool = True
    changed: datetime = OPENING - timedelta(days=1)


def articles() -> list[Article]:
    """Three articles: one with two variants, one on sale, one sold out."""
    return [
        Article(
            1,
            "Porcelain plate",
            [
                Piece(11, "12.50", options={"Colour": "Red"}),
                Piece(12, "13.50", stock=3, options={"Colour": "Green"}),
            ],
            description="<p>Fired twice.</p><p>Dishwasher safe &amp; light.</p>",
            fields={"material": "porcelain"},
            photos=("red", "green"),
        ),
        Article(2, "Oak box", [Piece(21, "20.00", former="25.00")], category=("Home", "Storage")),
        Article(3, "Melon slice", [Piece(31, "3.00", stock=0)], photos=("blue",)),
    ]
