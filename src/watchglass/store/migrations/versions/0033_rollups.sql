-- Figures by time. A roll-up adds up the executions that started within a bucket; what a transaction changes is noted
-- beside it and folded in later, so that no sync waits for another one's row. Both together are what the rows add up to.

CREATE TABLE run_rollups (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    series uuid NOT NULL,
    grain smallint NOT NULL,
    bucket timestamptz NOT NULL,
    variant integer NOT NULL,
    total_runs bigint NOT NULL,
    running_runs bigint NOT NULL,
    completed_runs bigint NOT NULL,
    failed_runs bigint NOT NULL,
    cancelled_runs bigint NOT NULL,
    terminated_runs bigint NOT NULL,
    timed_out_runs bigint NOT NULL,
    continued_as_new_runs bigint NOT NULL,
    unknown_runs bigint NOT NULL,
    retried_runs bigint NOT NULL,
    error_runs bigint NOT NULL,
    detailed_runs bigint NOT NULL,
    duration_count bigint NOT NULL,
    duration_sum_ms numeric NOT NULL,
    duration_min_ms double precision,
    duration_max_ms double precision,
    bins smallint[] NOT NULL,
    bin_counts bigint[] NOT NULL,
    PRIMARY KEY (project_id, series, grain, bucket, variant)
);
COMMENT ON COLUMN run_rollups.series IS 'The workflow, or the project itself: all of its workflows together.';
COMMENT ON COLUMN run_rollups.grain IS '0 minute, 1 hour, 2 day, 3 month; in UTC, by the start of the execution.';
COMMENT ON COLUMN run_rollups.variant IS
    'See rollup_variants. Beyond the most that are told apart: -1 for top-level executions, -2 for children.';
COMMENT ON COLUMN run_rollups.bins IS 'Codes of the duration histogram (statistics/histogram.py), ascending.';

CREATE TABLE component_rollups (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    series uuid NOT NULL,
    grain smallint NOT NULL,
    bucket timestamptz NOT NULL,
    component integer NOT NULL,
    variant integer NOT NULL,
    count bigint NOT NULL,
    completed_count bigint NOT NULL,
    failed_count bigint NOT NULL,
    open_count bigint NOT NULL,
    retries_within bigint NOT NULL,
    retries_default bigint NOT NULL,
    retries_unexpected bigint NOT NULL,
    retries_unknown bigint NOT NULL,
    default_units bigint NOT NULL,
    unexpected_units bigint NOT NULL,
    duration_count bigint NOT NULL,
    duration_sum_ms numeric NOT NULL,
    queue_count bigint NOT NULL,
    queue_sum_ms numeric NOT NULL,
    execution_count bigint NOT NULL,
    execution_sum_ms numeric NOT NULL,
    retry_count bigint NOT NULL,
    retry_sum_ms numeric NOT NULL,
    waiting_count bigint NOT NULL,
    waiting_sum_ms numeric NOT NULL,
    duration_min_ms double precision,
    duration_max_ms double precision,
    queue_min_ms double precision,
    queue_max_ms double precision,
    execution_min_ms double precision,
    execution_max_ms double precision,
    retry_min_ms double precision,
    retry_max_ms double precision,
    waiting_min_ms double precision,
    waiting_max_ms double precision,
    bins smallint[] NOT NULL,
    bin_counts bigint[] NOT NULL,
    PRIMARY KEY (project_id, series, grain, bucket, component, variant)
);
COMMENT ON COLUMN component_rollups.component IS
    'See rollup_components. -1: all those beyond the most that are told apart.';

CREATE TABLE run_changes (
    id uuid NOT NULL DEFAULT uuidv7(),
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    series uuid NOT NULL,
    bucket timestamptz NOT NULL,
    task_queue text NOT NULL,
    deployment_name text NOT NULL,
    build_id text NOT NULL,
    version integer NOT NULL,
    is_top_level boolean NOT NULL,
    total_runs bigint NOT NULL,
    running_runs bigint NOT NULL,
    completed_runs bigint NOT NULL,
    failed_runs bigint NOT NULL,
    cancelled_runs bigint NOT NULL,
    terminated_runs bigint NOT NULL,
    timed_out_runs bigint NOT NULL,
    continued_as_new_runs bigint NOT NULL,
    unknown_runs bigint NOT NULL,
    retried_runs bigint NOT NULL,
    error_runs bigint NOT NULL,
    detailed_runs bigint NOT NULL,
    duration_count bigint NOT NULL,
    duration_sum_ms numeric NOT NULL,
    duration_min_ms double precision,
    duration_max_ms double precision,
    bins smallint[] NOT NULL,
    bin_counts bigint[] NOT NULL,
    is_correction boolean NOT NULL,
    is_totalled boolean NOT NULL,
    PRIMARY KEY (project_id, id)
);
COMMENT ON TABLE run_changes IS 'What is not folded into run_rollups yet, by the minute in which executions started.';
COMMENT ON COLUMN run_changes.is_correction IS
    'Takes away what was counted before: its extremes are those that are lost.';
COMMENT ON COLUMN run_changes.is_totalled IS 'Whether workflow_statistics and project_statistics have it already.';

CREATE TABLE component_changes (
    id uuid NOT NULL DEFAULT uuidv7(),
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    series uuid NOT NULL,
    bucket timestamptz NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    node_id text NOT NULL,
    task_queue text NOT NULL,
    deployment_name text NOT NULL,
    build_id text NOT NULL,
    version integer NOT NULL,
    is_top_level boolean NOT NULL,
    count bigint NOT NULL,
    completed_count bigint NOT NULL,
    failed_count bigint NOT NULL,
    open_count bigint NOT NULL,
    retries_within bigint NOT NULL,
    retries_default bigint NOT NULL,
    retries_unexpected bigint NOT NULL,
    retries_unknown bigint NOT NULL,
    default_units bigint NOT NULL,
    unexpected_units bigint NOT NULL,
    duration_count bigint NOT NULL,
    duration_sum_ms numeric NOT NULL,
    queue_count bigint NOT NULL,
    queue_sum_ms numeric NOT NULL,
    execution_count bigint NOT NULL,
    execution_sum_ms numeric NOT NULL,
    retry_count bigint NOT NULL,
    retry_sum_ms numeric NOT NULL,
    waiting_count bigint NOT NULL,
    waiting_sum_ms numeric NOT NULL,
    duration_min_ms double precision,
    duration_max_ms double precision,
    queue_min_ms double precision,
    queue_max_ms double precision,
    execution_min_ms double precision,
    execution_max_ms double precision,
    retry_min_ms double precision,
    retry_max_ms double precision,
    waiting_min_ms double precision,
    waiting_max_ms double precision,
    bins smallint[] NOT NULL,
    bin_counts bigint[] NOT NULL,
    is_correction boolean NOT NULL,
    PRIMARY KEY (project_id, id)
);
CREATE INDEX run_changes_of_series ON run_changes (project_id, series, bucket);
CREATE INDEX component_changes_of_series ON component_changes (project_id, series, bucket);
CREATE INDEX run_changes_not_totalled ON run_changes (project_id, series) WHERE NOT is_totalled;

-- The words that roll-ups are split by, as numbers: a roll-up is repeated for each bucket, its words are not.
CREATE TABLE rollup_variants (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    series uuid NOT NULL,
    id integer NOT NULL,
    task_queue text NOT NULL,
    deployment_name text NOT NULL,
    build_id text NOT NULL,
    version integer NOT NULL,
    is_top_level boolean NOT NULL,
    PRIMARY KEY (project_id, series, id),
    UNIQUE (project_id, series, task_queue, deployment_name, build_id, version, is_top_level)
);
CREATE TABLE rollup_components (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    series uuid NOT NULL,
    id integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    node_id text NOT NULL,
    task_queue text NOT NULL,
    PRIMARY KEY (project_id, series, id),
    UNIQUE (project_id, series, kind, name, node_id, task_queue)
);
CREATE TABLE rollup_splits (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    series uuid NOT NULL,
    grain smallint NOT NULL,
    bucket timestamptz NOT NULL,
    PRIMARY KEY (project_id, series, grain, bucket)
);
COMMENT ON TABLE rollup_splits IS
    'Buckets that are kept in the next finer grain too. The others hold so few executions that their rows are read.';

CREATE TABLE rollup_projects (
    project_id uuid NOT NULL PRIMARY KEY REFERENCES projects ON DELETE CASCADE,
    rolled_up_at timestamptz NOT NULL
);
COMMENT ON TABLE rollup_projects IS
    'Projects whose roll-ups were made from their rows. The figures of any other are counted from the rows.';

DO $$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['run_rollups', 'component_rollups', 'run_changes', 'component_changes',
                                   'rollup_variants', 'rollup_components', 'rollup_splits', 'rollup_projects']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_table);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', v_table);
        EXECUTE format('GRANT SELECT ON %I TO :user', v_table);
        EXECUTE format('CREATE POLICY members_read ON %I FOR SELECT TO :user '
                       'USING (project_id = ANY ((SELECT app.project_ids())::uuid[]))', v_table);
        EXECUTE format('CREATE POLICY members_only ON %I AS RESTRICTIVE TO :user '
                       'USING (project_id = ANY ((SELECT app.project_ids())::uuid[]))', v_table);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO :sync', v_table);
        EXECUTE format('CREATE POLICY sync_writes ON %I TO :sync USING (true) WITH CHECK (true)', v_table);
    END LOOP;
END $$;
