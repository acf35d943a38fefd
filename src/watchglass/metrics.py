"""What this process counts while it works, for Prometheus.

Labels take values out of fixed lists (procedures, codes, outcomes), never out of data: a thousand workflows are not a
thousand series. Names and labels are in docs/operations.md, and a test compares.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

# When a counter was made, as a series of its own beside each: twice the series for what nobody asks.
disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

REQUESTS = Counter(
    "watchglass_requests", "Calls of procedures, by what came of them.", ("procedure", "code"), registry=REGISTRY
)
REQUEST_SECONDS = Histogram(
    "watchglass_request_seconds",
    "How long calls of procedures took.",
    ("procedure",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
SYNCED_RUNS = Counter(
    "watchglass_synced_runs",
    "Syncs of runs by this process: synced, failed (tried again by itself), or away (Temporal did not answer).",
    ("outcome",),
    registry=REGISTRY,
)
SYNC_SECONDS = Histogram(
    "watchglass_sync_seconds",
    "How long a sync took: of one run, or of several that were read together.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=REGISTRY,
)
BUDGET_WAIT_SECONDS = Histogram(
    "watchglass_budget_wait_seconds",
    "How long calls to somebody else's Temporal waited for their namespace's budget.",
    ("kind",),
    buckets=(0.001, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60),
    registry=REGISTRY,
)
POOL_CONNECTIONS = Gauge(
    "watchglass_pool_connections",
    "Connections of this process to PostgreSQL: open, in use, and the most there may be.",
    ("pool", "state"),
    registry=REGISTRY,
)
DATABASE_UP = Gauge("watchglass_database_up", "1: PostgreSQL answers this process.", registry=REGISTRY)
CONTROL_UP = Gauge(
    "watchglass_control_temporal_up", "1: the Temporal of Watchglass's own workflows answers.", registry=REGISTRY
)
QUEUED_RUNS = Gauge(
    "watchglass_queued_runs",
    "Runs that are due to be synced and that nobody works on, of the whole installation; counted up to 100,000.",
    ("queue",),
    registry=REGISTRY,
)
SYNC_LAG_SECONDS = Gauge(
    "watchglass_sync_lag_seconds",
    "Since when the run is due that waits longest, back-fills apart, of the whole installation.",
    registry=REGISTRY,
)
SET_ASIDE_RUNS = Gauge(
    "watchglass_set_aside_runs",
    "Runs that could not be copied ten times over; counted up to 100,000.",
    registry=REGISTRY,
)
CONNECTIONS = Gauge(
    "watchglass_connections",
    "Connections to namespaces by state, of the whole installation.",
    ("state",),
    registry=REGISTRY,
)
COORDINATORS = Gauge(
    "watchglass_coordinators_seen",
    "Connections whose coordinator this worker has seen to in the last minute.",
    registry=REGISTRY,
)
STATISTICS_DRIFT = Gauge(
    "watchglass_statistics_drift",
    "Stored figures that the last comparisons found not to be what their runs add up to, of the whole installation.",
    registry=REGISTRY,
)
STATISTICS_CHECK_AGE_SECONDS = Gauge(
    "watchglass_statistics_check_age_seconds",
    "Since when the project waits that waits longest to be compared with its runs, of the whole installation.",
    registry=REGISTRY,
)
