"""What prices, numbers, stocks and lists of photos in a cell are taken for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.feeds.values import facet_of_text, facet_of_value, photo_names, price_of, stock_of


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("12.50", 12.5, ""),
        ("12,50", 12.5, ""),
        ("12,5", 12.5, ""),
        ("1,299", 1299, ""),
        ("0,299", 0.299, ""),
        ("1.299", 1.299, ""),
        ("1,299.00", 1299, ""),
        ("1.299,00", 1299, ""),
        ("1,234,567", 1234567, ""),
        ("1.234.567", 1234567, ""),
        ("1 299,00", 1299, ""),
        ("1\u00a0299,00 €", 1299, "EUR"),
        ("1\u202f299 kr", 1299, ""),
        ("1'299.50", 1299.5, ""),
        ("12,50 EUR", 12.5, "EUR"),
        ("EUR 12.50", 12.5, "EUR"),
        ("eur12.50", 12.5, "EUR"),
        ("$1,299.00", 1299, "USD"),
        ("US$ 5", 5, "USD"),
        ("CA$5", 5, "CAD"),
        ("£5", 5, "GBP"),
        ("¥12000", 12000, "JPY"),
        ("₹ 1,29,900", 129900, "INR"),
        ("Rs. 499", 499, "INR"),
        ("49,- €", 49, "EUR"),
        ("CHF 49.–", 49, "CHF"),
        ("99 zł", 99, "PLN"),
        ("15.00 USD", 15, "USD"),
        ("0", 0, ""),
    ],
)
def test_a_price_is_read_with_its_currency(text: str, amount: float, currency: str) -> None:
    assert price_of(text) == (amount, currency)
    assert price_of(f"  {text}\u00a0") == (amount, currency)


@pytest.mark.parametrize("text", ["", " ", "-", "n/a", "NULL", None])
def test_no_price_is_no_mistake(text: str | None) -> None:
    assert price_of(text) == (None, "")


@pytest.mark.parametrize(
    "text",
    [
        "on request",
        "-5",
        "5 or 6",
        "12 EUR USD",
        "1e9",
        "12.50 EURO CENTS",
        "5%",
        float("nan"),
        -1.0,
        True,
        "9" * 70,
    ],
)
def test_what_is_no_price_is_told(text: object) -> None:
    with pytest.raises(ValueError, match="is not a price"):
        price_of(text)


@given(
    st.integers(0, 99_999_999),
    st.integers(0, 99),
    st.sampled_from([(",", "."), (".", ","), ("\u00a0", ","), ("'", "."), ("", "."), ("", ",")]),
    st.sampled_from([("$", "USD"), ("€", "EUR"), ("GBP", "GBP"), ("", "")]),
    st.booleans(),
)
def test_a_price_means_the_same_however_it_is_written(
    whole: int, cents: int, marks: tuple[str, str], currency: tuple[str, str], before: bool
) -> None:
    thousands, decimal = marks
    text = f"{whole:,}".replace(",", thousands) + f"{decimal}{cents:02}"
    text = f"{currency[0]} {text}" if before else f"{text} {currency[0]}"
    amount, code = price_of(text)
    assert amount == pytest.approx(whole + cents / 100)
    assert code == currency[1]


@given(st.text(max_size=30))
def test_any_text_is_a_price_or_a_mistake(text: str) -> None:
    try:
        amount, _ = price_of(text)
    except ValueError:
        return
    assert amount is None or 0 <= amount < float("inf")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2011", 2011),
        ("-3", -3),
        ("12.5", 12.5),
        ("12.50", 12.5),
        ("0", 0),
        ("0.5", 0.5),
        ("007", "007"),
        ("+1", "+1"),
        ("1e5", "1e5"),
        ("1,5", "1,5"),
        ("1_000", "1_000"),
        ("-0", "-0"),
        ("1.", "1."),
        (".5", ".5"),
        ("٣", "٣"),
        ("nan", "nan"),
        ("Infinity", "Infinity"),
        ("1234567890123456", "1234567890123456"),
        ("00123", "00123"),
        ("XL", "XL"),
        (" Navy Blue ", "Navy Blue"),
        ("\t=1+1", "\t=1+1"),
        ("", None),
        ("   ", None),
        ('["red","blue"]', ("red", "blue")),
        ('["red"', '["red"'),
        ("true", "true"),
    ],
)
def test_a_facet_becomes_a_number_only_where_it_is_written_as_one(text: str, value: object) -> None:
    assert facet_of_text(text) == value
    assert type(facet_of_text(text)) is type(value)


@given(st.integers(-(10**15) + 1, 10**15 - 1) | st.floats(-1e9, 1e9).map(lambda number: round(number, 3)))
def test_a_number_survives_being_written_and_read(number: float) -> None:
    text = str(number)
    if "e" not in text and number != 0:
        assert facet_of_text(text) == number


@pytest.mark.parametrize(
    ("value", "facet"),
    [
        (True, True),
        (3, 3),
        (2.5, 2.5),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, str(10**400)),
        (["a", "", 1], ("a", "1")),
        ([], None),
        ("007", "007"),
        ("12", "12"),
        (None, None),
    ],
)
def test_a_facet_that_has_a_type_keeps_it(value: object, facet: object) -> None:
    assert facet_of_value(value) == facet


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("12", 12),
        ("12.0", 12),
        ("0", 0),
        ("10+", 10),
        ("-2", -2),
        (7, 7),
        (7.0, 7),
        ("in stock", None),
        ("", None),
        ("in_stock", None),
        ("out of stock", 0),
        ("Sold out", 0),
    ],
)
def test_stock_is_a_number_or_a_word(text: object, pieces: int | None) -> None:
    assert stock_of(text) == pieces


@pytest.mark.parametrize("text", ["many", "1.5", "1,000 or so"])
def test_what_is_no_stock_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number of pieces"):
        stock_of(text)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("a.jpg", ["a.jpg"]),
        ("a.jpg|b.jpg", ["a.jpg", "b.jpg"]),
        ("a.jpg; b.PNG ;c.webp", ["a.jpg", "b.PNG", "c.webp"]),
        ("a.jpg, b.jpg", ["a.jpg", "b.jpg"]),
        ("a.jpg\nb.jpg", ["a.jpg", "b.jpg"]),
        ('["a.jpg", "b.jpg"]', ["a.jpg", "b.jpg"]),
        ("red, large.jpg", ["red, large.jpg"]),
        ("red;large.jpg", ["red;large.jpg"]),
        ("https://x/a?s=1,https://x/b", ["https://x/a?s=1", "https://x/b"]),
        ("https://x/w_1,h_2/a.jpg", ["https://x/w_1,h_2/a.jpg"]),
        ("https://x/w_1,c_fill.jpg/a.jpg", ["https://x/w_1,c_fill.jpg/a.jpg"]),
        ("https://x/a;v=1", ["https://x/a;v=1"]),
        ("[red].jpg", ["[red].jpg"]),
        ("", []),
        ("|", []),
    ],
)
def test_several_photos_in_one_cell_are_told_from_one_with_an_odd_name(cell: str, names: list[str]) -> None:
    assert photo_names(cell) == names
