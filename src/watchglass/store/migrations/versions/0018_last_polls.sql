-- When the worker that a run misses last asked for work.
ALTER TABLE run_descriptions ADD COLUMN last_polls text;
COMMENT ON COLUMN run_descriptions.last_polls IS
    'JSON: microseconds since 1970, by the server''s clock, when a worker last asked each task queue that none takes from.';
COMMENT ON COLUMN task_queues.is_polled IS 'Whether a worker takes work from it.';
