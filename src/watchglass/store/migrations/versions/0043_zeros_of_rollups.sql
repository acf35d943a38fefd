-- Most figures of a roll-up are 0: nothing is kept of those. What was written before stays as it is until it changes.
ALTER TABLE run_rollups
    ALTER COLUMN running_runs DROP NOT NULL,
    ALTER COLUMN completed_runs DROP NOT NULL,
    ALTER COLUMN failed_runs DROP NOT NULL,
    ALTER COLUMN cancelled_runs DROP NOT NULL,
    ALTER COLUMN terminated_runs DROP NOT NULL,
    ALTER COLUMN timed_out_runs DROP NOT NULL,
    ALTER COLUMN continued_as_new_runs DROP NOT NULL,
    ALTER COLUMN unknown_runs DROP NOT NULL,
    ALTER COLUMN retried_runs DROP NOT NULL,
    ALTER COLUMN error_runs DROP NOT NULL,
    ALTER COLUMN detailed_runs DROP NOT NULL,
    ALTER COLUMN duration_count DROP NOT NULL,
    ALTER COLUMN duration_sum_ms DROP NOT NULL,
    ALTER COLUMN bin_counts DROP NOT NULL;
ALTER TABLE component_rollups
    ALTER COLUMN completed_count DROP NOT NULL,
    ALTER COLUMN failed_count DROP NOT NULL,
    ALTER COLUMN open_count DROP NOT NULL,
    ALTER COLUMN retries_within DROP NOT NULL,
    ALTER COLUMN retries_default DROP NOT NULL,
    ALTER COLUMN retries_unexpected DROP NOT NULL,
    ALTER COLUMN retries_unknown DROP NOT NULL,
    ALTER COLUMN default_units DROP NOT NULL,
    ALTER COLUMN unexpected_units DROP NOT NULL,
    ALTER COLUMN duration_count DROP NOT NULL,
    ALTER COLUMN duration_sum_ms DROP NOT NULL,
    ALTER COLUMN queue_count DROP NOT NULL,
    ALTER COLUMN queue_sum_ms DROP NOT NULL,
    ALTER COLUMN execution_count DROP NOT NULL,
    ALTER COLUMN execution_sum_ms DROP NOT NULL,
    ALTER COLUMN retry_count DROP NOT NULL,
    ALTER COLUMN retry_sum_ms DROP NOT NULL,
    ALTER COLUMN waiting_count DROP NOT NULL,
    ALTER COLUMN waiting_sum_ms DROP NOT NULL,
    ALTER COLUMN bin_counts DROP NOT NULL;

COMMENT ON TABLE run_rollups IS 'Of counts and sums, null is 0.';
COMMENT ON TABLE component_rollups IS 'Of counts and sums, null is 0.';
COMMENT ON COLUMN run_rollups.bin_counts IS 'How many of each code; null: one of each.';
