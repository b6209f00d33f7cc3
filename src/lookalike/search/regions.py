"""Regions of photos: which parts to search for, what they show, and where two photos are similar."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

from lookalike.catalog.catalog import Catalog
from lookalike.encoders.registry import WITHOUT_FILES, source
from lookalike.errors import BadQuery
from lookalike.search.engine import SearchEngine
from lookalike.text import label
from lookalike.types import Query

if TYPE_CHECKING:
    from PIL.Image import Image

    from lookalike.encoders.onnx.attention import Box, Map, Sight

# The outputs of an encoder that exposes its feature maps.
VECTOR = "vector"
MAPS = frozenset({"cells", "attention"})
# The facets that name a category, most specific first.
KINDS = ("articletype", "producttype", "type", "subcategory", "category", "class", "mastercategory")
ASKED = 5


class RegionFinder:
    """Finds regions in photos, where the catalog's encoder exposes its feature maps."""

    def __init__(self, catalog: Catalog, engine: SearchEngine) -> None:
        self._catalog = catalog
        self._engine = engine
        self._opening = threading.Lock()
        self._opened: tuple[str, Sight | None] | None = None

    def boxes(self, picture: Image) -> list[Box]:
        """One to three regions worth searching for, best first; empty if the encoder exposes no maps."""
        sight = self._sight()
        return [] if sight is None else sight.see(picture).boxes()

    def kind(self, part: Image) -> str:
        """Return the category of a picture; empty if the nearest products disagree."""
        plain = {"".join(filter(str.isalnum, name.casefold())): name for name in self._engine.facet_names()}
        facet = next((plain[kind] for kind in KINDS if kind in plain), None)
        if facet is None:
            return ""
        nearest = self._engine.answer(Query(image=part, k=ASKED)).hits
        counts = Counter(said for hit in nearest if (said := label(hit.product.facets.get(facet))))
        said, count = max(counts.items(), key=lambda each: each[1], default=("", 0))
        return said if 2 * count > len(nearest) else ""

    def heat(self, asked: Image, found: Image) -> Map:
        """How much each part of the found photo adds to its similarity with the query photo."""
        sight = self._sight()
        if sight is None:
            raise BadQuery(
                f"The encoder '{self._catalog.recipe.image}' exposes no feature maps. Use 'builtin'."
            )
        return sight.see(found).heat(sight.see(asked).vector)

    def _sight(self) -> Sight | None:
        name = self._catalog.recipe.image
        with self._opening:
            # The catalog may have switched to another encoder since.
            if self._opened is None or self._opened[0] != name:
                self._opened = (name, _open(name))
            return self._opened[1]


def _open(name: str) -> Sight | None:
    if not name or name in WITHOUT_FILES:
        return None
    model = source(name, "image")
    if model.record.output != VECTOR:
        return None
    import onnxruntime

    from lookalike.encoders.onnx.attention import Sight

    file = model.path(model.record.file)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return Sight(file) if {each.name for each in session.get_outputs()} >= MAPS else None
