from datetime import UTC, datetime, timedelta
from itertools import pairwise

from watchglass.sync.closing_windows import WINDOW_RUNS, ClosingWindow, Sweep

OLDEST = datetime(2026, 1, 1, tzinfo=UTC)
NEWEST = OLDEST + timedelta(days=30)


def swept(closed: list[datetime]) -> list[tuple[ClosingWindow, int]]:
    """The windows that are listed of runs that closed at these times, and how many runs each holds."""
    sweep, listed_until, windows = Sweep.over(OLDEST, NEWEST), None, []
    while True:
        window = sweep.window(listed_until)
        held = sum(
            (window.start is None or t >= window.start) and (window.end is None or t < window.end) for t in closed
        )
        narrower = sweep.fitted(held)
        if narrower is not None:
            assert narrower.width < sweep.width
            sweep = narrower
            continue
        windows.append((window, held))
        if window.end is None:
            return windows
        listed_until = window.end
        sweep = sweep.after(held)


def test_few_runs_are_one_window() -> None:
    assert swept([OLDEST + timedelta(days=n) for n in range(30)]) == [(ClosingWindow(None, None), 30)]


def test_every_run_is_in_one_window_also_those_out_of_bounds() -> None:
    closed = [OLDEST - timedelta(days=2), NEWEST + timedelta(hours=1)]
    closed += [OLDEST + timedelta(minutes=n) for n in range(20_000)]
    windows = swept(closed)
    assert sum(held for _, held in windows) == len(closed)
    assert all(held <= WINDOW_RUNS for _, held in windows)
    assert all(before.end == after.start for (before, _), (after, _) in pairwise(windows))
    assert (windows[0][0].start, windows[-1][0].end) == (None, None)


def test_a_burst_within_a_second_is_listed_as_it_is() -> None:
    burst = OLDEST + timedelta(days=3)
    windows = swept([burst] * (WINDOW_RUNS * 3))
    assert max(held for _, held in windows) == WINDOW_RUNS * 3
    assert sum(held for _, held in windows) == WINDOW_RUNS * 3


def test_quiet_times_are_passed_in_ever_longer_windows() -> None:
    burst = [OLDEST + timedelta(minutes=1)] * (WINDOW_RUNS * 2)
    windows = swept([*burst, NEWEST - timedelta(minutes=1)])
    assert sum(held for _, held in windows) == len(burst) + 1
    assert len(windows) < 40
