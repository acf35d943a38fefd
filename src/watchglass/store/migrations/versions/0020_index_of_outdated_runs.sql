-- Every worker asks once an hour whether there are rows of older rules; where there are none, that is one look.
CREATE INDEX workflow_executions_derived ON workflow_executions (derived_version, project_id, id)
    WHERE synced_event_id > 0;
