-- jsonb sorts the keys of objects: the fields of a form would change places, and so would the lines of an exported file.
ALTER TABLE workflow_drafts ALTER COLUMN graph TYPE json, ADD COLUMN updated_by_name text;
ALTER TABLE workflow_versions ALTER COLUMN graph TYPE json, ADD COLUMN created_by_name text;
ALTER TABLE components ALTER COLUMN component TYPE json;
COMMENT ON COLUMN workflow_drafts.updated_by_name IS 'As they were called then.';
COMMENT ON COLUMN workflow_versions.created_by_name IS 'As they were called then.';

CREATE INDEX audit_log_newest ON audit_log (project_id, at DESC, id DESC);
