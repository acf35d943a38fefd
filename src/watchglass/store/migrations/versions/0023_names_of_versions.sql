-- What a name meant when a version was saved is asked each time a run with sub-workflows begins. No version is kept that
-- cannot be looked into, because of a U+0000 in a text: its name could not be told, nor its nodes counted. Those that
-- are there have U+FFFD in its place, as every other text has.
ALTER TABLE workflow_versions ALTER COLUMN graph TYPE json
    USING regexp_replace(graph::text, '((?<!\\)(?:\\\\)*)\\u0000', '\1\\ufffd', 'g')::json;
CREATE INDEX workflow_versions_named ON workflow_versions (project_id, (graph ->> 'name'), created_at);
