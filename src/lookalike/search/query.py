"""Turns a query into weighted vectors: one part each for photo, words and product."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from lookalike.catalog.pipeline import EncodingPipeline
from lookalike.database import Database
from lookalike.errors import BadQuery, BadVector, NotFound
from lookalike.media.fetch import fetch, is_url
from lookalike.media.images import read_image
from lookalike.settings import settings
from lookalike.types import ImageInput, Query, Vector
from lookalike.vectors.codec import unpack_sparse, unpack_vectors
from lookalike.vectors.sparse import SparseRow

# The weight of photos in a text query, if one encoder embeds both.
LOOK_OF_WORDS = 0.5
SHARES_NOTHING = 1e-6
# Phrases that introduce a change to a photo are not search words.
BUT = re.compile(r"\s*(but\b\s*)?((in|with)\b\s*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class QueryVectors:
    """The target of a query: image and text vectors, their weights, and the lowest score of a hit.

    `said` holds the words after correction.
    """

    image: Vector | None
    text: Vector | SparseRow | None
    image_weight: float
    text_weight: float
    floor: float | None = None
    clusters: tuple[str, ...] = ()
    said: str = ""


def words_of(query: Query) -> str:
    """Return the words to search for: "but in red" on top of a photo becomes "red"."""
    text = (query.text or "").strip()
    alone = query.image is None and query.product is None and query.vector is None
    return text if alone else BUT.sub("", text, count=1) or text


def encode_query(query: Query, pipeline: EncodingPipeline, database: Database, words: str) -> QueryVectors:
    """Return the vectors of a query; parts that the query does not have are omitted.

    `words` are the words of its text that remain after parsing.
    """
    looks: list[Vector] = []
    reads: list[Vector | SparseRow] = []
    if query.image is not None:
        looks.append(_photo(query.image, pipeline))
    if words:
        reads.extend(_words(words, pipeline))
    if query.product is not None:
        look, read = _product(query.product, pipeline, database)
        looks.extend(look)
        reads.extend(read)
    if query.vector is not None:
        look, read = _given(query.vector, pipeline)
        looks.append(look)
        reads.extend(read)
    if not (looks or reads or words):
        if query.product is not None:
            raise NotFound(f"The product '{query.product}' has neither a photo nor words to compare by.")
        raise BadQuery("Nothing to look for: give a photo, words, a product or a vector.")
    weight = pipeline.recipe.image_weight if query.image_weight is None else query.image_weight
    if not (math.isfinite(weight) and 0 <= weight <= 1):
        raise BadQuery(f"image_weight must be from 0 to 1, not {weight}.")
    if pipeline.recipe.joint and not looks and reads and not isinstance(reads[0], SparseRow):
        looks = [row for row in reads if not isinstance(row, SparseRow)]
        weight = LOOK_OF_WORDS if query.image_weight is None else weight
    image, text = _mean_dense(looks), _mean(reads)
    image, clusters = _learned(image, query.clusters, pipeline)
    if image is None or text is None:
        weight = 1.0 if text is None else 0.0
    # Counted words, unlike understood ones, say nothing about products that share none of them.
    counted = image is None and (text is None or isinstance(text, SparseRow))
    # Distances are negative scores, whether or not any word matches.
    counted = counted and pipeline.recipe.metric != "euclidean"
    floor = SHARES_NOTHING if counted else pipeline.recipe.min_score
    return QueryVectors(image, text, weight, 1 - weight, floor, clusters, words)


def _learned(
    image: Vector | None, clusters: int, pipeline: EncodingPipeline
) -> tuple[Vector | None, tuple[str, ...]]:
    """Return the image part in the index's form, and the clusters to which a query is limited."""
    if clusters and not pipeline.recipe.clusters:
        raise BadQuery(f"The recipe '{pipeline.recipe.name}' has no clusters. Remove them from the query.")
    learned = pipeline.learned()
    if image is None or learned is None:
        return image, ()
    image = learned.reduced(image)
    return image, learned.nearest(image, clusters) if clusters else ()


def _photo(image: ImageInput, pipeline: EncodingPipeline) -> Vector:
    encoder = pipeline.image_encoder()
    if encoder is None:
        raise BadQuery(f"The recipe '{pipeline.recipe.name}' does not support photos. Search by words.")
    if isinstance(image, str) and is_url(image):
        image = fetch(image, settings().max_image_bytes)
    rows = pipeline.encode_images([read_image(image, encoder.input_side)])
    assert rows is not None
    return rows[0]


def _words(words: str, pipeline: EncodingPipeline) -> list[Vector | SparseRow]:
    rows = pipeline.encode_texts([words])
    return [] if rows is None else [rows[0]]


def _product(
    id: str, pipeline: EncodingPipeline, database: Database
) -> tuple[list[Vector], list[Vector | SparseRow]]:
    product = database.products([id]).get(id)
    if product is None:
        raise NotFound(f"There is no product '{id}'. Check the id.")
    photos = list(dict.fromkeys(photo.id for photo in product.photos))
    rows = [
        unpack_vectors(row) for row in database.image_vectors(pipeline.encoding.image_space, photos).values()
    ]
    look = [_unit(np.mean(rows, axis=0))] if rows else []
    stored = database.text_vectors(pipeline.encoding.text_space, [id]).get(id)
    if stored is None:
        return look, []
    return look, [unpack_sparse(stored[1]) if pipeline.encoding.text_dim == 0 else unpack_vectors(stored[1])]


def _given(values: object, pipeline: EncodingPipeline) -> tuple[Vector, list[Vector | SparseRow]]:
    """Return a given vector: of an image, or of image and text concatenated."""
    image_dim, text_dim = pipeline.encoding.image_dim, pipeline.encoding.text_dim
    try:
        if isinstance(values, np.ndarray) and values.dtype == np.float32:
            vector = values
        else:
            with np.errstate(over="ignore"):
                vector = np.asarray(values, np.float32)
    except (TypeError, ValueError) as error:
        raise BadVector("A vector must be a list of numbers.") from error
    if vector.shape not in ((image_dim,), (image_dim + text_dim,)):
        raise BadVector(
            f"A vector must have {image_dim} numbers, or {image_dim + text_dim} with its text part."
        )
    if not np.isfinite(vector).all() or not vector.any():
        raise BadVector("The numbers of a vector must be finite and not all zero.")
    text = vector[image_dim:]
    return _unit(vector[:image_dim]), [_unit(text)] if text.any() else []


def _unit(row: Vector) -> Vector:
    length = float(np.linalg.norm(row))
    return (row / length).astype(np.float32) if length else row.astype(np.float32)


def _mean_dense(rows: list[Vector]) -> Vector | None:
    if len(rows) <= 1:
        return rows[0] if rows else None
    return _unit(np.mean([_unit(row) for row in rows], axis=0))


def _mean(rows: list[Vector | SparseRow]) -> Vector | SparseRow | None:
    dense = [row for row in rows if not isinstance(row, SparseRow)]
    sparse = [row for row in rows if isinstance(row, SparseRow)]
    if not sparse:
        return _mean_dense(dense)
    columns, places = np.unique(np.concatenate([row.columns for row in sparse]), return_inverse=True)
    values = np.zeros(len(columns), np.float32)
    np.add.at(values, places, np.concatenate([row.values for row in sparse]))
    return SparseRow(columns.astype(np.int32), _unit(values), 0)
