"""Charts."""

from articles.public.charts import stacked_bars


def test_bars_stack_and_the_tallest_column_fills_the_chart():
    bars = stacked_bars([{"a": 3, "b": 1}, {"a": 0, "b": 2}, {"a": 0, "b": 0}], width=90, height=40)

    assert bars == [("a", 3, 10, 24, 30), ("b", 3, 0, 24, 10), ("b", 33, 20, 24, 20)]


def test_a_small_number_beside_a_large_one_still_has_a_bar():
    (_, small) = stacked_bars([{"a": 100_000}, {"a": 1}], width=90, height=40)

    assert (small.y, small.height) == (39, 1)
