"""What is invalid in the items of a shop's API."""

from __future__ import annotations

from lookalike.sync.sources.rows import PageBuilder, Variant


def test_a_currency_that_does_not_exist_is_reported_and_left_out() -> None:
    builder = PageBuilder("shop")
    builder.add("1", [Variant("a", "1", "Lamp", price="5", currency="QQQ"), Variant("b", "1", "Cup")])
    page = builder.page(None)
    assert [(product.price, product.currency) for product in page.products] == [(5.0, ""), (None, "")]
    (problem,) = page.problems
    assert (problem.feed, problem.id) == ("shop", "a")
    assert "'QQQ' is not a currency" in problem.reason
