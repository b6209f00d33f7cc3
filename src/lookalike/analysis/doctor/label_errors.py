"""Categories and colors that the photo and title contradict.

The photo votes by its nearest neighbors, the title by naive Bayes without the title itself. A value is
reported only if both contradict it. If only the photo does, the photo is reported, provided that it also fits
the product's other facets badly, and that the two kinds are rarely confused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from lookalike.analysis.doctor.findings import Finding, Kind
from lookalike.analysis.snapshot import Snapshot
from lookalike.vectors.neighbours import Places, nearest

Chances: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Doubted: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"

VOTERS = 20
SHARPNESS = 8.0
FEWEST = 8
SMOOTHING = 1.0
SEEN = 0.3
SEEN_ELSEWHERE = 0.4
SURE_TITLE = 0.8
UNLIKELY = 0.05
# Above this rate of confusion, two values count as visually the same.
CONFUSED_COLOURS = 0.02
CONFUSED_ANYHOW = 1.0
# How many times more often than by chance photos of one kind may be taken for another: a swapped photo shows
# any other kind, while a kurta is taken for a shirt because it looks like one.
MIXED_UP = 3.0
# The share of products whose photos fit the facets worst, among which wrong photos are looked for.
FIT_WORST = 0.05
LEAST_SHARE = 0.02
WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Votes:
    """For some products, the probability of each facet value by photo and by title."""

    values: tuple[str, ...]
    declared: Places
    photo: Chances
    title: Chances
    products: Places

    def usual(self, likely: Places) -> Chances:
        """For each product, how often photos of its value are predicted as the likely one."""
        own = self.photo[np.arange(len(likely)), likely]
        sums = self._sums()[self.declared, likely] - own
        return sums / np.maximum(self._counts()[self.declared] - 1, 1)

    def mixed_up(self, likely: Places) -> Chances:
        """How much more often than by chance photos of one value are predicted as the other."""
        shares = np.maximum(self._counts(), 1) / len(likely)
        there = self.usual(likely) / shares[likely]
        back = self._sums()[likely, self.declared] / np.maximum(self._counts()[likely], 1)
        return np.maximum(there, back / shares[self.declared])

    def _sums(self) -> Chances:
        sums = np.zeros((len(self.values), len(self.values)))
        np.add.at(sums, self.declared, self.photo)
        return sums

    def _counts(self) -> Places:
        return np.bincount(self.declared, minlength=len(self.values))


def doubts(snapshot: Snapshot) -> Iterator[Finding]:
    """Products whose photo and title contradict the category or color."""
    category, colour = snapshot.category(), snapshot.colour()
    seen = np.flatnonzero(snapshot.has_photo())
    if not category or len(seen) <= VOTERS:
        return
    places, similar = nearest(snapshot.looks()[seen], VOTERS)
    weights = np.exp(SHARPNESS * (similar - similar[:, :1])).astype(np.float64)
    weights /= weights.sum(axis=1, keepdims=True)
    votes = gathered(snapshot, category, seen, places, weights)
    if votes is not None:
        yield from _wrong_values(snapshot, votes, category, "doubtful category", CONFUSED_ANYHOW)
        others = [name for name in snapshot.facets() if name != category]
        fit = fitting(snapshot, others, seen, places, weights)
        worst = fit <= np.quantile(fit, FIT_WORST)
        yield from _wrong_photos(snapshot, votes, category, worst[np.searchsorted(seen, votes.products)])
    if colour and colour != category:
        votes = gathered(snapshot, colour, seen, places, weights)
        if votes is not None:
            yield from _wrong_values(snapshot, votes, colour, "doubtful colour", CONFUSED_COLOURS)


def fitting(
    snapshot: Snapshot, facets: Sequence[str], seen: Places, places: Places, weights: Chances
) -> Chances:
    """How well each product's photo fits its facets: the sum of what its neighbors' votes leave of them."""
    fit = np.zeros(len(seen))
    for facet in facets:
        labels = snapshot.labels(facet)[seen]
        agreeing = ((labels[places] == labels[:, None]) * weights).sum(axis=1)
        fit += np.where(labels == "", 0.0, np.log(np.maximum(agreeing, LEAST_SHARE)))
    return fit


def gathered(snapshot: Snapshot, facet: str, seen: Places, places: Places, weights: Chances) -> Votes | None:
    """The votes of photos and titles on a facet."""
    labels = snapshot.labels(facet)[seen]
    values, numbers, counts = np.unique(labels, return_inverse=True, return_counts=True)
    usable = (values != "") & (counts >= FEWEST)
    if usable.sum() < 2:
        return None
    votes = np.zeros((len(seen), len(values)))
    for column in range(places.shape[1]):
        np.add.at(votes, (np.arange(len(seen)), numbers[places[:, column]]), weights[:, column])
    votes[:, ~usable] = 0
    totals = votes.sum(axis=1, keepdims=True)
    photo = np.divide(votes, totals, out=np.zeros_like(votes), where=totals > 0)
    title = _by_title(
        [snapshot.products[place].title for place in seen], numbers.astype(np.int64), len(values)
    )
    title[:, ~usable] = 0
    voted = np.flatnonzero(usable[numbers])
    return Votes(
        tuple(values.tolist()), numbers[voted].astype(np.int64), photo[voted], title[voted], seen[voted]
    )


def _wrong_values(
    snapshot: Snapshot, votes: Votes, facet: str, kind: Kind, confused: float
) -> Iterator[Finding]:
    """Values where title and photo agree on a different one."""
    rows = np.arange(len(votes.declared))
    likely = votes.title.argmax(axis=1)
    doubted = (
        (likely != votes.declared)
        & (votes.title[rows, likely] >= SURE_TITLE)
        & (votes.title[rows, votes.declared] <= UNLIKELY)
        & (votes.photo[rows, votes.declared] <= UNLIKELY)
        & (votes.photo[rows, likely] >= SEEN)
        & (votes.usual(likely) <= confused)
    )
    yield from _findings(snapshot, votes, facet, kind, likely, doubted)


def _wrong_photos(snapshot: Snapshot, votes: Votes, facet: str, worst: Doubted) -> Iterator[Finding]:
    """Photos that look like a different value than the title states."""
    rows = np.arange(len(votes.declared))
    likely = votes.photo.argmax(axis=1)
    doubted = (
        (likely != votes.declared)
        & (votes.photo[rows, likely] >= SEEN_ELSEWHERE)
        & (votes.photo[rows, votes.declared] <= UNLIKELY)
        & (votes.title[rows, votes.declared] >= 0.5)
        & (votes.title[rows, likely] <= 2 * UNLIKELY)
        & (votes.mixed_up(likely) <= MIXED_UP)
        & worst
    )
    yield from _findings(snapshot, votes, facet, "photo and title disagree", likely, doubted)


def _findings(
    snapshot: Snapshot, votes: Votes, facet: str, kind: Kind, likely: Places, doubted: Doubted
) -> Iterator[Finding]:
    for row in np.flatnonzero(doubted):
        voted = votes.declared[row] if kind == "photo and title disagree" else likely[row]
        yield Finding(
            kind,
            snapshot.products[votes.products[row]].id,
            float(np.sqrt(votes.photo[row, likely[row]] * votes.title[row, voted])),
            field=facet,
            now=votes.values[votes.declared[row]],
            likely=votes.values[likely[row]],
        )


def _by_title(titles: Sequence[str], classes: Places, count: int) -> Chances:
    """For each title, the probability of each class, learned from the other titles. Zeros if unknown."""
    said = [sorted({word.lower() for word in WORD.findall(title)}) for title in titles]
    words = {word: place for place, word in enumerate(sorted({word for each in said for word in each}))}
    counts = np.zeros((len(words), count))
    for own, kind in zip(said, classes.tolist(), strict=True):
        for word in own:
            counts[words[word], kind] += 1
    totals = np.bincount(classes, minlength=count).astype(np.float64)
    found = np.zeros((len(titles), count))
    for place, (own, kind) in enumerate(zip(said, classes.tolist(), strict=True)):
        if not own:
            continue
        rows = counts[[words[word] for word in own]]
        sizes = totals.copy()
        # A title is not evidence for itself.
        rows[:, kind] -= 1
        sizes[kind] -= 1
        known = rows.sum(axis=1) > 0
        if not known.any():
            continue
        # The word distribution of small classes is smoothed towards that of all products.
        usual = rows[known].sum(axis=1, keepdims=True) / sizes.sum()
        share = (rows[known] + SMOOTHING * usual) / (sizes + SMOOTHING)
        log = np.log(share).sum(axis=0) + np.log(sizes + 1 / len(sizes))
        chance = np.exp(log - log.max())
        found[place] = chance / chance.sum()
    return found
