"""Results of analyses in responses."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Self

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from lookalike.analysis.doctor.findings import Finding as DoctorFinding
from lookalike.analysis.doctor.findings import Kind, counted
from lookalike.analysis.doctor.fixes import Fix, fix_of
from lookalike.analysis.doctor.stored_findings import StoredFindings
from lookalike.analysis.explore.maps import Method

# Not a Literal: a query parameter is text, which numbers of a Literal do not match.
Dimensions = Annotated[int, Query(ge=2, le=3, description="Dimensions of the map, 2 or 3.")]


class MapPoint(BaseModel):
    """A product on the map."""

    id: str
    x: float = Field(description="0 to 1.")
    y: float = Field(description="0 to 1.")
    z: float | None = Field(None, description="0 to 1, on a map in three dimensions.")
    photo: str | None
    title: str
    cluster: int | None
    value: str | float | bool | list[str] | None = Field(None, description="Value of the requested facet.")


class ProductMap(BaseModel):
    """A map of the catalog: similar products are close together."""

    method: Method
    dimensions: int
    kept: float = Field(description="Share of each product's neighbours that are neighbours on the map.")
    explained: float | None = Field(description="Share of the variance explained, for PCA.")
    methods: list[Method] = Field(description="The methods that maps are available for.")
    stale: bool = Field(description="Whether the recipe has changed since the map was computed.")
    points: list[MapPoint]


class Cluster(BaseModel):
    """Products that look alike."""

    number: int
    name: str
    words: list[str]
    size: int
    typical: list[str] = Field(description="Ids of the most typical products.")
    family: int = Field(description="Number of the group of similar clusters.")
    spread: float = Field(description="Mean distance to the centre.")


class Clustering(BaseModel):
    """All clusters, and how well they are separated."""

    clusters: list[Cluster]
    silhouette: float
    stability: float = Field(description="Agreement of two runs, 0 to 1.")
    tried: dict[int, float] = Field(description="Silhouette by number of clusters.")
    chosen_by: str


class FacetDistribution(BaseModel):
    """How many products have each value of a facet."""

    facet: str
    values: dict[str, int]
    others: int = Field(description="Products with a value that is not listed.")
    missing: int = Field(description="Products without a value.")


class PriceDistribution(BaseModel):
    """A histogram of the prices in the currency of most products."""

    currency: str = ""
    edges: list[float]
    counts: list[int]
    quartiles: dict[str, tuple[float, float, float]] = Field(description="By category.")
    missing: int
    others: int = Field(0, description="Products with a price in another currency.")


class Distributions(BaseModel):
    """Products by facet and price."""

    products: int
    facets: list[FacetDistribution]
    prices: PriceDistribution | None
    crossed: dict[str, dict[str, int]] = Field(description="Colours by category.")


class Metric(BaseModel):
    """A metric: its mean over the queries, with the 95% interval."""

    task: str
    part: str
    by: str
    measure: str
    value: float
    low: float
    high: float
    queries: int


class Benchmark(BaseModel):
    """Search quality of a recipe."""

    recipe: str
    products: int
    revision: int
    measured: list[Metric]
    cost: dict[str, float]
    seconds: float
    notes: list[str]


class MetricDifference(BaseModel):
    """How much better a recipe is than the baseline, with the 95% interval."""

    recipe: str
    baseline: str
    task: str
    part: str
    by: str
    measure: str
    value: float
    low: float
    high: float
    queries: int
    chance: float = Field(description="p-value of the difference.")
    real: bool = Field(description="Whether it is significant after correction for multiple comparisons.")


class ReliabilityBin(BaseModel):
    """Hits with similar match percentages."""

    low: float
    high: float
    promised: float = Field(description="Mean match percentage, 0 to 1.")
    came_true: float = Field(description="Share of correct hits.")
    hits: int


class Refusal(BaseModel):
    """Share of queries without a good match at a threshold."""

    threshold: float
    legitimate: float
    strangers: float = Field(description="For queries that the shop does not sell anything for.")


class Reliability(BaseModel):
    """How accurate match percentages are on held-out queries."""

    queries: int
    strangers: int
    error: float
    bins: list[ReliabilityBin]
    refusal: list[Refusal]


class ReliabilityReport(BaseModel):
    """How accurate match percentages are, for photos and for text."""

    facet: str
    good_from: float
    error_of_looks: float = Field(description="Mean error of match percentages of photo searches, 0 to 1.")
    error_of_words: float = Field(description="Mean error of match percentages of text searches, 0 to 1.")
    photos: Reliability | None
    words: Reliability | None


class PhotoWeight(BaseModel):
    """The weight of the photo that works best in a category. An empty category stands for all products."""

    category: str
    weight: float
    low: float
    high: float
    precision: float
    precision_fixed: float
    queries: int


class ComponentStep(BaseModel):
    """Quality of a recipe with its vectors reduced to a number of PCA components."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    recipe: str
    components: int
    explained: float
    precision_at_5: float = Field(alias="P@5")
    low: float
    high: float
    accuracy: float
    f1_at_5: float = Field(alias="F1@5")
    f1_at_10: float = Field(alias="F1@10")
    ninety: bool = Field(description="Whether this is the first step that explains 90% of the variance.")
    plateau: bool


class Evaluation(BaseModel):
    """The latest measurement of search quality."""

    benchmarks: list[Benchmark]
    differences: list[MetricDifference]
    calibration: ReliabilityReport | None
    weights: list[PhotoWeight]
    components: list[ComponentStep]


class Finding(BaseModel):
    """A possible problem with a product."""

    id: str
    kind: Kind
    product: str
    confidence: float
    field: str
    now: str
    likely: str
    other: str = Field(description="Id of the other product concerned.")
    sentence: str
    fix: Fix | None = Field(
        description="What `:fix` does: remove the product, group the variants, set the field to the likely "
        "value, hide the product, or clear the field. Null if the finding needs a person."
    )
    dismissed: bool = Field(description="Whether a person said that this is no problem.")

    @classmethod
    def of(cls, finding: DoctorFinding, *, dismissed: bool) -> Self:
        """The same for a response."""
        return cls.model_validate(
            {
                **asdict(finding),
                "id": finding.id,
                "confidence": round(finding.confidence, 3),
                "sentence": finding.sentence,
                "fix": fix_of(finding),
                "dismissed": dismissed,
            }
        )


class Findings(BaseModel):
    """The findings of the latest check, without those that were fixed since."""

    counts: dict[Kind, int] = Field(description="How many are neither dismissed nor fixed.")
    findings: list[Finding]

    @classmethod
    def of(cls, stored: StoredFindings) -> Self:
        """The same for a response."""
        return cls.model_validate(
            {
                "counts": counted(stored.open),
                "findings": [
                    Finding.of(each, dismissed=each.id in stored.dismissed)
                    for each in stored.findings
                    if each.id not in stored.fixed
                ],
            }
        )
