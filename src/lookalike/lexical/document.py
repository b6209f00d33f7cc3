"""The fields of a product that the lexical index reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

from lookalike.lexical.analysis import code_word, compact, words_of


class Field(IntEnum):
    """The field a word is in; the index stores fields in this order."""

    TITLE = 0
    BRAND = 1
    CATEGORY = 2
    FACETS = 3
    DESCRIPTION = 4
    CODES = 5


# Facet names (lowercase, without spaces or underscores) that have a field of their own.
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
    """The words of one product; codes are its identifiers, such as the SKU."""

    id: str
    title: str = ""
    description: str = ""
    facets: Mapping[str, object] = field(default_factory=dict[str, object])
    codes: Sequence[str] = ()

    def texts(self) -> Iterator[tuple[Field, str]]:
        """Return each text with its field, in field order."""
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
        """Return its codes as terms that no text contains."""
        return [word for code in self.codes if (word := code_word(code))]


@lru_cache(maxsize=4_096)
def field_of(facet: str) -> Field:
    """Return the field for a facet, from its name."""
    name = compact(facet)
    if name in _BRANDS:
        return Field.BRAND
    return Field.CATEGORY if name in _CATEGORIES else Field.FACETS
