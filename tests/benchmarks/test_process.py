import pytest
from benchmarks.process import Cost, median_ratio, percentile


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([1.0], 0.95, 1.0),
        ([float(n) for n in range(1, 101)], 0.95, 95.0),  # rank 95 of 100
        ([float(n) for n in range(1, 61)], 0.95, 57.0),  # rank 57 of 60
        ([3.0, 1.0, 2.0], 0.5, 2.0),  # rank ⌈1.5⌉ of 3
    ],
)
def test_percentiles_are_nearest_rank(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


def test_a_ratio_is_the_median_of_the_pairs_own_ratios() -> None:
    assert median_ratio([2.0, 30.0, 8.0], [1.0, 10.0, 2.0]) == 3.0


def test_a_cost_is_read_back_from_its_line() -> None:
    cost = Cost(wall=1.25, cpu=0.5)
    assert Cost.from_line(str(cost)) == cost
