-- Numbers of roll-ups are looked up by their key. As long as the words began with the series, too, PostgreSQL took one
-- for as good as the other, and went through all words of the series for each roll-up.
ALTER TABLE rollup_variants DROP CONSTRAINT IF EXISTS rollup_variants_project_id_series_task_queue_deployment_nam_key;
ALTER TABLE rollup_components DROP CONSTRAINT IF EXISTS rollup_components_project_id_series_kind_name_node_id_task__key;

COMMENT ON COLUMN run_rollups.bins IS
    'Codes of the duration histogram (statistics/histogram.py). One without a count is one duration, and may repeat.';
