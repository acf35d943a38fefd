-- The figures of components are kept by month only in years that hold many executions. What is kept differently is not
-- read any more: workers make the roll-ups of every project anew, and until then figures are counted from the rows.
COMMENT ON COLUMN component_rollups.grain IS
    'As in run_rollups; months only of a series and year that are in rollup_splits.';
COMMENT ON COLUMN rollup_splits.grain IS '1 hour, 2 day, 3 month, 4 year; a year is kept in months for components only.';
ALTER TABLE rollup_projects NO FORCE ROW LEVEL SECURITY;
DELETE FROM rollup_projects;
ALTER TABLE rollup_projects FORCE ROW LEVEL SECURITY;
