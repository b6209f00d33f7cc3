"""Interactions in memory, derived from the events in the database by sequence number."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np

from lookalike.database.event_store import LED_BY_WORDS, EventPiece, EventStore
from lookalike.recommend.events import BIT, KINDS, weight_of
from lookalike.recommend.graph import HALF_LIFE, Difference, EventColumns, Floats, Graph, Ints, faded
from lookalike.recommend.numbering import IdMap, ShopperNumbers

BOUGHT = {"purchase": 1, "return": -1}


@dataclass(slots=True)
class Counts:
    """The support of all shoppers for each product, at the reference time of the graph."""

    support: Floats = field(default_factory=lambda: np.zeros(1024))
    shoppers: Floats = field(default_factory=lambda: np.zeros(1024))

    def make_room(self, products: int) -> None:
        """Make room for that many products."""
        if products > len(self.support):
            more = np.zeros(max(products, len(self.support) * 3 // 2) - len(self.support))
            self.support, self.shoppers = np.append(self.support, more), np.append(self.shoppers, more)

    def apply(self, difference: Difference) -> None:
        """Apply the changes of edges."""
        np.add.at(self.support, difference.product, difference.said)
        np.add.at(self.shoppers, difference.product, difference.heard)


@dataclass(slots=True)
class InteractionState:
    """Everything derived from the events up to a sequence number."""

    graph: Graph
    counts: Counts = field(default_factory=Counts)
    shoppers: ShopperNumbers = field(default_factory=ShopperNumbers)
    led_to: dict[str, dict[int, float]] = field(default_factory=dict[str, "dict[int, float]"])
    events: list[EventColumns] = field(default_factory=list[EventColumns])
    sequence: int = 0
    forgettings: int = 0
    # The words of events up to here are not taken in yet: a file holds none.
    words_missing_until: int = 0


class Interactions:
    """The graph of shoppers and products, kept up to date. Hold `lock` while reading it."""

    def __init__(self, store: EventStore, products: IdMap, now: float) -> None:
        self.lock = threading.RLock()
        self.products = products
        self._store = store
        self._began = now
        self._state = InteractionState(Graph(now))

    @property
    def graph(self) -> Graph:
        """Who did what."""
        return self._state.graph

    @property
    def counts(self) -> Counts:
        """The support of each product."""
        return self._state.counts

    def said_now(self, now: float) -> Floats:
        """The current support of each product by its number, at least 0."""
        said = self.counts.support[: len(self.products)]
        return np.maximum(said, 0.0) * faded(self.graph.since, now)

    @property
    def sequence(self) -> int:
        """The last event that is taken in."""
        return self._state.sequence

    @property
    def forgettings(self) -> int:
        """How often a shopper had been forgotten when these events were read."""
        return self._state.forgettings

    @property
    def shopper_ids(self) -> list[str]:
        """The ids of all shoppers, by their number."""
        return self._state.shoppers.ids

    @property
    def event_count(self) -> int:
        """How many events about products are taken in."""
        return sum(len(each.product) for each in self._state.events)

    def events(self) -> EventColumns:
        """Every event taken in, as columns that do not change any more."""
        state = self._state
        if len(state.events) != 1:
            state.events = [EventColumns.joined(state.events)]
        return state.events[0]

    def shopper(self, id: str) -> int | None:
        """The number of a shopper who did anything."""
        return self._state.shoppers.known(id)

    def led_to(self, words: str) -> dict[int, float]:
        """The products that shoppers chose after searching for these words, and how much it says."""
        state = self._state
        if state.words_missing_until:
            for piece in self._store.chosen_after_words(state.words_missing_until):
                self._take_in_words(piece, self.products.of_all(piece.products))
            state.words_missing_until = 0
        return state.led_to.get(folded_words(words), {})

    @property
    def state(self) -> InteractionState:
        """What a file keeps of it."""
        return self._state

    def restore(self, state: InteractionState) -> None:
        """Go on from what a file kept."""
        self._state, self._began = state, state.graph.since

    def follow(self) -> None:
        """Take in what was stored since; what was forgotten elsewhere begins anew."""
        forgettings = self._store.forgettings()
        if forgettings != self._state.forgettings:
            self._state = InteractionState(Graph(self._began), forgettings=forgettings)
        self._state.counts.make_room(len(self.products))
        if self._store.sequence() == self._state.sequence:
            return
        for piece in self._store.since(self._state.sequence):
            self._take_in(piece)
            self._state.sequence = piece.sequence

    def as_of(self, moment: float) -> Interactions:
        """The events before a moment, as if nothing had followed; it does not follow the database."""
        every, state = self.events(), self._state
        before = every.at(every.time < moment)
        past = Interactions(self._store, self.products, moment)
        past._state = InteractionState(Graph(moment), shoppers=state.shoppers, events=[before])
        past._state.counts.make_room(len(self.products))
        past._state.counts.apply(past.graph.take_in(before))
        return past

    def _take_in(self, piece: EventPiece) -> None:
        state = self._state
        if not piece.kinds:
            return
        kinds = piece.kinds
        product = self.products.of_all(piece.products)
        weight = np.fromiter(map(KINDS.__getitem__, kinds), np.float64, len(kinds))
        for place, rating in enumerate(piece.ratings):
            if rating is not None:
                weight[place] = weight_of(kinds[place], rating)
        events = EventColumns(
            shopper=state.shoppers.of_all(piece.shoppers),
            product=product,
            time=np.array(piece.times),
            weight=weight,
            kind=np.fromiter(map(BIT.__getitem__, kinds), np.int64, len(kinds)),
            bought=np.fromiter((BOUGHT.get(kind, 0) for kind in kinds), np.int64, len(kinds)),
        )
        self._take_in_words(piece, product)
        state.counts.make_room(len(self.products))
        state.counts.apply(state.graph.take_in(events))
        state.events.append(events)

    def _take_in_words(self, piece: EventPiece, product: Ints) -> None:
        for place, query in enumerate(piece.queries):
            kind = piece.kinds[place]
            if query and kind in LED_BY_WORDS:
                chosen = self._state.led_to.setdefault(folded_words(query), {})
                number = int(product[place])
                worth = weight_of(kind, None) * 2.0 ** ((piece.times[place] - self._began) / HALF_LIFE)
                chosen[number] = chosen.get(number, 0.0) + worth


def folded_words(text: str) -> str:
    """Words in the form in which two searches are the same."""
    return " ".join(sorted(set(text.casefold().split())))
