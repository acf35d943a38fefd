ALTER TABLE projects ADD COLUMN service_networks text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN projects.service_networks IS
    'Networks (CIDR) that are not public and that nodes of built workflows may reach all the same.';
