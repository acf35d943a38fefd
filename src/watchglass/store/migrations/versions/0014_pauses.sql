ALTER TABLE component_executions ADD COLUMN pause text;
COMMENT ON COLUMN component_executions.pause IS
    'While the unit is paused: [microseconds since 1970, by whom, why, id of the rule that did it], as JSON.';
