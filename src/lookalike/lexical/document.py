"""What the lexical index reads of a product, and which fields its words stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

from lookalike.lexical.analysis import fold, words_of


class Field(IntEnum):
    """Where a word stands; the order is that of the words in the index."""

    TITLE = 0
    BRAND = 1
    CATEGORY = 2
    FACETS = 3
    DESCRIPTION = 4
    CODES = 5


# Names of facets, with neither case, spaces nor underscores, that stand for a field of their own.
_BRANDS = frozenset(
    words_of(
        "brand brandname supplier manufacturer maker vendor label designer marke hersteller marque fabricant "
        "marca fabricante marchio produttore merk fabrikant"
    )
)
_CATEGORIES = frozenset(
    words_of(
        "category categories mastercategory subcategory maincategory producttype type articletype "
        "producttypes department productgroup googleproductcategory "
        "kategorie warengruppe produktart categorie rayon "
        "typedeproduit categoria tipo tipodeproducto reparto tipodiprodotto categoriadeproduto producttypen "
        "productsoort class"
    )
)


@dataclass(frozen=True, slots=True)
class Document:
    """The words of one product; codes are what it is ordered by, such as its SKU."""

    id: str
    title: str = ""
    description: str = ""
    facets: Mapping[str, object] = field(default_factory=dict[str, object])
    codes: Sequence[str] = ()

    def texts(self) -> Iterator[tuple[Field, str]]:
        """Each text with the field it stands in, in the order of the fields."""
        yield Field.TITLE, self.title
        found = [(field_of(name), value) for name, value in self.facets.items()]
        for wanted in (Field.BRAND, Field.CATEGORY, Field.FACETS):
            for where, value in found:
                if where == wanted:
                    for each in value if isinstance(value, list | tuple) else (value,):
                        if isinstance(each, str):
                            yield where, each
        yield Field.DESCRIPTION, self.description

    def code_words(self) -> list[str]:
        """Its codes as words that no text has."""
        return [word for code in self.codes if (word := code_word(code))]


def code_word(code: str) -> str:
    """A code as a word that no text has, whatever case, spaces and hyphens it is written with."""
    letters = "".join(letter for letter in fold(code) if letter.isalnum())
    return f"={letters}" if letters else ""


@lru_cache(maxsize=4_096)
def field_of(facet: str) -> Field:
    """The field that a facet belongs to, told by its name."""
    name = "".join(letter for letter in fold(facet) if letter.isalnum())
    if name in _BRANDS:
        return Field.BRAND
    return Field.CATEGORY if name in _CATEGORIES else Field.FACETS
