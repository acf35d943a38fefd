-- The tables of execution monitoring, their keys, and who may see which row.
--
-- :user :sync :definer and :login are replaced by the names of the roles (see store/roles.py).
-- Every table that holds a project's data carries project_id as the first column of its key, so that one policy
-- column leads every list index, and every foreign key is composite, so that no row can point into another project.

CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO :login, :user, :sync, :definer;

-- People and what opens the door for them -------------------------------------------------------------------------

CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    name text NOT NULL UNIQUE CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE projects (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    name text NOT NULL UNIQUE CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE project_members (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
    PRIMARY KEY (project_id, user_id)
);
CREATE INDEX project_members_by_user ON project_members (user_id, project_id);

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE api_tokens (
    token_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id);

CREATE TABLE sign_in_links (
    token_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

-- What is observed -------------------------------------------------------------------------------------------------

CREATE TABLE connections (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    id uuid NOT NULL DEFAULT uuidv7(),
    address text NOT NULL,
    namespace text NOT NULL,
    is_embedded boolean NOT NULL,
    ui_address text,
    http_address text,
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'ok', 'unreachable', 'refused')),
    error text,
    checked_at timestamptz,
    discovered_until timestamptz,
    rescanned_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, id),
    UNIQUE (id),
    UNIQUE (project_id, address, namespace)
);
COMMENT ON COLUMN connections.discovered_until IS 'Runs that started or closed before this moment have been listed.';

CREATE TABLE workflows (
    project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
    id uuid NOT NULL DEFAULT uuidv7(),
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('built', 'observed')),
    temporal_type text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, id),
    UNIQUE (id),
    UNIQUE (project_id, kind, name)
);

CREATE TABLE execution_keys (
    connection_id uuid NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    temporal_run_id text NOT NULL,
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    PRIMARY KEY (connection_id, temporal_run_id),
    UNIQUE (project_id, execution_id)
);
COMMENT ON TABLE execution_keys IS 'A run is one execution however often it is discovered.';

CREATE TABLE workflow_executions (
    project_id uuid NOT NULL,
    id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    namespace text NOT NULL,
    temporal_workflow_id text NOT NULL,
    temporal_workflow_key bytea,
    temporal_run_id text NOT NULL,
    temporal_type text NOT NULL,
    parent_workflow_id text,
    parent_run_id text,
    root_workflow_id text,
    root_run_id text,
    first_run_id text,
    continued_from_run_id text,
    continued_to_run_id text,
    superseded_by text,
    is_retried boolean NOT NULL DEFAULT false,
    schedule_id text,
    run_attempt integer NOT NULL DEFAULT 1,
    status text NOT NULL CHECK (status IN ('pending', 'running', 'paused', 'completed', 'failed', 'cancelled',
        'terminated', 'timed_out', 'continued_as_new', 'unknown')),
    phase text CHECK (phase IN ('not_started', 'working', 'retrying', 'waiting', 'stuck')),
    problem text CHECK (problem IN ('workflow_task_failing', 'no_worker', 'activity_stuck', 'history_near_limit')),
    problem_detail text,
    started_at timestamptz NOT NULL,
    closed_at timestamptz,
    duration_ms double precision,
    task_queue text NOT NULL,
    build_id text,
    timeouts text,
    error_type text,
    error_message text,
    failure text,
    input bytea,
    input_bytes bigint,
    result bytea,
    result_bytes bigint,
    result_event_id bigint,
    memo bytea,
    lifecycle text NOT NULL DEFAULT '[]',
    current_step text,
    failed_step text,
    step_statuses text[] NOT NULL DEFAULT '{}',
    component_count integer NOT NULL DEFAULT 0,
    failed_component_count integer NOT NULL DEFAULT 0,
    retry_count integer NOT NULL DEFAULT 0,
    unexpected_retry_count integer NOT NULL DEFAULT 0,
    unexpected_failure_count integer NOT NULL DEFAULT 0,
    history_length bigint NOT NULL DEFAULT 0,
    history_bytes bigint,
    unknown_event_count integer NOT NULL DEFAULT 0,
    detail_state text NOT NULL DEFAULT 'none' CHECK (detail_state IN ('none', 'partial', 'complete')),
    synced_event_id bigint NOT NULL DEFAULT 0,
    synced_at timestamptz,
    sync_status text NOT NULL DEFAULT 'pending'
        CHECK (sync_status IN ('pending', 'synced', 'failed', 'set_aside', 'gone')),
    sync_error text,
    sync_failures integer NOT NULL DEFAULT 0,
    next_sync_at timestamptz,
    is_final boolean NOT NULL DEFAULT false,
    missing_since timestamptz,
    source_checked_at timestamptz,
    source_gone_at timestamptz,
    derived_version integer NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, id),
    FOREIGN KEY (project_id, workflow_id) REFERENCES workflows (project_id, id),
    FOREIGN KEY (project_id, connection_id) REFERENCES connections (project_id, id),
    FOREIGN KEY (project_id, id) REFERENCES execution_keys (project_id, execution_id) ON DELETE CASCADE
);
COMMENT ON COLUMN workflow_executions.temporal_workflow_key IS
    'The workflow id as Temporal holds it, where it has characters that text cannot carry.';
COMMENT ON COLUMN workflow_executions.synced_event_id IS 'The newest history event that is stored; it never decreases.';
COMMENT ON COLUMN workflow_executions.next_sync_at IS 'The queue: when the run is due to be synced. Null: never.';
COMMENT ON COLUMN workflow_executions.missing_since IS
    'When Temporal first said it does not have the run; believed when it says so again a minute later.';
CREATE INDEX workflow_executions_by_start ON workflow_executions (project_id, workflow_id, started_at DESC, id DESC);
CREATE INDEX workflow_executions_by_duration
    ON workflow_executions (project_id, workflow_id, duration_ms DESC NULLS LAST, id DESC);
CREATE INDEX workflow_executions_by_status
    ON workflow_executions (project_id, workflow_id, status, started_at DESC, id DESC);
CREATE INDEX workflow_executions_of_project ON workflow_executions (project_id, started_at DESC, id DESC);
CREATE INDEX workflow_executions_by_temporal_id ON workflow_executions (project_id, temporal_workflow_id, started_at DESC);
CREATE INDEX workflow_executions_of_chain ON workflow_executions (project_id, first_run_id, started_at);
CREATE INDEX workflow_executions_of_parent
    ON workflow_executions (project_id, parent_run_id) WHERE parent_run_id IS NOT NULL;
CREATE INDEX workflow_executions_due ON workflow_executions (connection_id, next_sync_at) WHERE next_sync_at IS NOT NULL;

CREATE TABLE execution_search_attributes (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    name text NOT NULL,
    position integer NOT NULL DEFAULT 0,
    type text NOT NULL,
    text_value text,
    int_value bigint,
    double_value double precision,
    bool_value boolean,
    time_value timestamptz,
    PRIMARY KEY (project_id, execution_id, name, position),
    FOREIGN KEY (project_id, execution_id) REFERENCES workflow_executions (project_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN execution_search_attributes.position IS 'Which value of a keyword list; 0 for single values.';
CREATE INDEX execution_search_attributes_text ON execution_search_attributes (project_id, name, left(text_value, 256));
CREATE INDEX execution_search_attributes_int ON execution_search_attributes (project_id, name, int_value);
CREATE INDEX execution_search_attributes_double ON execution_search_attributes (project_id, name, double_value);
CREATE INDEX execution_search_attributes_time ON execution_search_attributes (project_id, name, time_value);

CREATE TABLE history_pages (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    first_event_id bigint NOT NULL,
    last_event_id bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (project_id, execution_id, first_event_id),
    FOREIGN KEY (project_id, execution_id) REFERENCES workflow_executions (project_id, id) ON DELETE CASCADE,
    CHECK (first_event_id <= last_event_id)
);
ALTER TABLE history_pages ALTER COLUMN data SET STORAGE EXTERNAL;
COMMENT ON TABLE history_pages IS 'The full Temporal history: zstd-compressed protobuf, append-only.';

CREATE TABLE component_executions (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    event_id bigint NOT NULL,
    last_event_id bigint NOT NULL,
    node_id text NOT NULL,
    occurrence integer NOT NULL,
    iteration integer[],
    name text NOT NULL,
    display_name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('activity', 'local_activity', 'child_workflow', 'timer', 'signal',
        'external_signal', 'external_cancel', 'update', 'nexus_operation')),
    status text NOT NULL CHECK (status IN ('pending', 'running', 'retrying', 'paused', 'completed', 'failed',
        'cancelled', 'terminated', 'timed_out', 'continued_as_new', 'abandoned', 'unknown')),
    scheduled_at timestamptz,
    started_at timestamptz,
    completed_at timestamptz,
    duration_ms double precision,
    queue_ms double precision,
    execution_ms double precision,
    retry_ms double precision,
    waiting_ms double precision,
    clock_skew boolean NOT NULL,
    attempt integer,
    reason text CHECK (reason IN ('within_policy', 'default_policy', 'no_policy', 'exhausted', 'timeout',
        'non_retryable', 'cancelled', 'policy_not_recorded', 'attempts_not_recorded')),
    policy text,
    error_type text,
    error_message text,
    failure text,
    previous_failure text,
    input bytea,
    input_bytes bigint,
    input_event_id bigint,
    input_beginnings text,
    output bytea,
    output_bytes bigint,
    output_event_id bigint,
    output_beginnings text,
    ref text,
    retry_state text,
    timeout_type text,
    worker text,
    task_queue text,
    cancel_requested boolean NOT NULL,
    copied boolean NOT NULL,
    timer_duration_ms double precision,
    heartbeat bytea,
    child_workflow_id text,
    child_run_id text,
    PRIMARY KEY (project_id, execution_id, event_id),
    FOREIGN KEY (project_id, execution_id) REFERENCES workflow_executions (project_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN component_executions.input IS
    'Serialised Payloads up to 2 KiB; larger ones are read from the history page that holds input_event_id.';

CREATE TABLE component_attempts (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    event_id bigint NOT NULL,
    seen_no integer NOT NULL,
    number integer NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    failure text,
    source text NOT NULL CHECK (source IN ('observed', 'recorded')),
    PRIMARY KEY (project_id, execution_id, event_id, seen_no),
    FOREIGN KEY (project_id, execution_id, event_id)
        REFERENCES component_executions (project_id, execution_id, event_id) ON DELETE CASCADE
);
COMMENT ON COLUMN component_attempts.seen_no IS
    'Order of appearance: an activity reset starts at attempt 1 again, so the number alone is no key.';

CREATE TABLE sync_gaps (
    project_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    connection_id uuid NOT NULL,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL,
    missing_runs bigint,
    noticed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, id),
    UNIQUE (project_id, connection_id, from_at),
    FOREIGN KEY (project_id, connection_id) REFERENCES connections (project_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE sync_gaps IS 'Times in which Temporal deleted runs before they could be copied.';

-- Statistics: kept in the transaction that changes the rows they count ---------------------------------------------

CREATE TABLE workflow_statistics (
    project_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    total_runs bigint NOT NULL,
    top_level_runs bigint NOT NULL,
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
    PRIMARY KEY (project_id, workflow_id),
    FOREIGN KEY (project_id, workflow_id) REFERENCES workflows (project_id, id) ON DELETE CASCADE
);

CREATE TABLE project_statistics (LIKE workflow_statistics);
ALTER TABLE project_statistics DROP COLUMN workflow_id,
    ADD PRIMARY KEY (project_id),
    ADD FOREIGN KEY (project_id) REFERENCES projects ON DELETE CASCADE;

CREATE TABLE component_statistics (
    project_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    count bigint NOT NULL,
    failed_count bigint NOT NULL,
    duration_count bigint NOT NULL,
    duration_sum_ms numeric NOT NULL,
    PRIMARY KEY (project_id, workflow_id, kind, name),
    FOREIGN KEY (project_id, workflow_id) REFERENCES workflows (project_id, id) ON DELETE CASCADE
);

CREATE TABLE task_queue_statistics (
    project_id uuid NOT NULL,
    task_queue text NOT NULL,
    total_runs bigint NOT NULL,
    PRIMARY KEY (project_id, task_queue),
    FOREIGN KEY (project_id) REFERENCES projects ON DELETE CASCADE
);

-- Who is asking ----------------------------------------------------------------------------------------------------

CREATE FUNCTION app.user_id() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT user_id FROM (
        SELECT s.user_id FROM public.sessions s
        WHERE s.token_hash = decode(nullif(current_setting('app.session', true), ''), 'hex')
          AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
          AND s.last_used_at > clock_timestamp() - interval '12 hours'
        UNION ALL
        SELECT t.user_id FROM public.api_tokens t
        WHERE t.token_hash = decode(nullif(current_setting('app.session', true), ''), 'hex')
          AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp()
    ) found
$$;

CREATE FUNCTION app.project_ids() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT coalesce(array_agg(m.project_id), '{}') FROM public.project_members m WHERE m.user_id = app.user_id()
$$;

-- What a person does to projects. They change only what that person may: whoever has no session changes nothing.

CREATE FUNCTION app.create_project(p_name text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    v_user uuid := app.user_id();
    v_id uuid;
BEGIN
    IF v_user IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'nobody is signed in';
    END IF;
    INSERT INTO public.projects (name) VALUES (p_name) RETURNING id INTO v_id;
    INSERT INTO public.project_members VALUES (v_id, v_user, 'owner');
    RETURN v_id;
END $$;

-- Returns the role of the person asking, NULL for who is not a member; viewers rename nothing.
CREATE FUNCTION app.rename_project(p_id uuid, p_name text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE v_role text;
BEGIN
    SELECT role INTO v_role FROM public.project_members WHERE project_id = p_id AND user_id = app.user_id();
    IF v_role IN ('owner', 'editor') THEN
        UPDATE public.projects SET name = p_name WHERE id = p_id;
    END IF;
    RETURN v_role;
END $$;

-- Opening the door. Only the login role may call these, never the role that answers requests.

CREATE FUNCTION app.ensure_user(p_name text) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.users (name) VALUES (p_name)
    ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id
$$;

CREATE FUNCTION app.find_user(p_name text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT id FROM public.users WHERE name = p_name
$$;

CREATE FUNCTION app.ensure_project(p_name text, p_owner uuid) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE v_id uuid;
BEGIN
    INSERT INTO public.projects (name) VALUES (p_name)
        ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id INTO v_id;
    INSERT INTO public.project_members VALUES (v_id, p_owner, 'owner') ON CONFLICT DO NOTHING;
    RETURN v_id;
END $$;

-- The project through which an owner looks at a namespace, whatever its name is by now.
CREATE FUNCTION app.find_project(p_owner uuid, p_address text, p_namespace text, p_embedded boolean) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT c.project_id FROM public.connections c
    JOIN public.project_members m ON m.project_id = c.project_id AND m.user_id = p_owner AND m.role = 'owner'
    WHERE c.namespace = p_namespace AND c.is_embedded = p_embedded AND (p_embedded OR c.address = p_address)
    ORDER BY c.created_at, c.id LIMIT 1
$$;

CREATE FUNCTION app.issue_sign_in_link(p_hash bytea, p_user uuid, p_lifetime interval) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.sign_in_links (token_hash, user_id, expires_at)
    VALUES (p_hash, p_user, clock_timestamp() + p_lifetime)
$$;

CREATE FUNCTION app.issue_token(p_hash bytea, p_user uuid, p_name text, p_lifetime interval) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.api_tokens (token_hash, user_id, name, expires_at)
    VALUES (p_hash, p_user, p_name, clock_timestamp() + p_lifetime)
$$;

-- A link opens the door once; nothing is returned for a used, expired or unknown one.
CREATE FUNCTION app.exchange_sign_in_link(p_link_hash bytea, p_session_hash bytea, p_lifetime interval) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    WITH used AS (
        UPDATE public.sign_in_links SET used_at = clock_timestamp()
        WHERE token_hash = p_link_hash AND used_at IS NULL AND expires_at > clock_timestamp()
        RETURNING user_id
    )
    INSERT INTO public.sessions (token_hash, user_id, expires_at)
    SELECT p_session_hash, user_id, clock_timestamp() + p_lifetime FROM used RETURNING user_id
$$;

CREATE FUNCTION app.revoke_session(p_hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    UPDATE public.sessions SET revoked_at = clock_timestamp() WHERE token_hash = p_hash AND revoked_at IS NULL
$$;

-- Who holds this session or token? Keeps its last use, at most once a minute.
CREATE FUNCTION app.identify(p_hash bytea) RETURNS TABLE (user_id uuid, user_name text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM set_config('app.session', encode(p_hash, 'hex'), true);
    RETURN QUERY SELECT u.id, u.name FROM public.users u WHERE u.id = app.user_id();
    IF FOUND THEN
        UPDATE public.sessions s SET last_used_at = clock_timestamp()
            WHERE s.token_hash = p_hash AND s.last_used_at < clock_timestamp() - interval '1 minute';
        UPDATE public.api_tokens t SET last_used_at = clock_timestamp()
            WHERE t.token_hash = p_hash
              AND (t.last_used_at IS NULL OR t.last_used_at < clock_timestamp() - interval '1 minute');
    END IF;
END $$;

-- Row Level Security -----------------------------------------------------------------------------------------------

DO $$
DECLARE
    v_table text;
    v_key text;
    v_rule text;
BEGIN
    FOR v_table, v_key IN VALUES
        ('projects', 'id'), ('project_members', 'project_id'), ('connections', 'project_id'),
        ('workflows', 'project_id'), ('execution_keys', 'project_id'), ('workflow_executions', 'project_id'),
        ('execution_search_attributes', 'project_id'), ('history_pages', 'project_id'),
        ('component_executions', 'project_id'), ('component_attempts', 'project_id'), ('sync_gaps', 'project_id'),
        ('workflow_statistics', 'project_id'), ('project_statistics', 'project_id'),
        ('component_statistics', 'project_id'), ('task_queue_statistics', 'project_id')
    LOOP
        v_rule := format('%I = ANY ((SELECT app.project_ids())::uuid[])', v_key);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_table);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', v_table);
        EXECUTE format('GRANT SELECT ON %I TO :user, :definer', v_table);
        EXECUTE format('CREATE POLICY members_read ON %I FOR SELECT TO :user USING (%s)', v_table, v_rule);
        EXECUTE format('CREATE POLICY members_only ON %I AS RESTRICTIVE TO :user USING (%s)', v_table, v_rule);
        EXECUTE format('CREATE POLICY definer_reads ON %I FOR SELECT TO :definer USING (true)', v_table);
        IF v_table <> 'project_members' THEN
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO :sync', v_table);
            EXECUTE format('CREATE POLICY sync_writes ON %I TO :sync USING (true) WITH CHECK (true)', v_table);
        END IF;
    END LOOP;

    -- Only definer functions touch these; no role that answers requests or syncs is granted anything here.
    FOREACH v_table IN ARRAY ARRAY['users', 'sessions', 'api_tokens', 'sign_in_links'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_table);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', v_table);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO :definer', v_table);
        EXECUTE format('CREATE POLICY definer_keeps ON %I TO :definer USING (true) WITH CHECK (true)', v_table);
    END LOOP;
END $$;

GRANT INSERT, UPDATE ON projects, project_members TO :definer;
CREATE POLICY definer_founds ON projects FOR INSERT TO :definer WITH CHECK (true);
CREATE POLICY definer_renames ON projects FOR UPDATE TO :definer USING (true) WITH CHECK (true);
CREATE POLICY definer_enrols ON project_members FOR INSERT TO :definer WITH CHECK (true);

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA app FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.user_id(), app.project_ids() TO :user, :definer;
GRANT EXECUTE ON FUNCTION app.create_project(text), app.rename_project(uuid, text) TO :user;
GRANT EXECUTE ON FUNCTION app.ensure_user(text), app.find_user(text), app.ensure_project(text, uuid),
    app.find_project(uuid, text, text, boolean),
    app.issue_sign_in_link(bytea, uuid, interval), app.issue_token(bytea, uuid, text, interval),
    app.exchange_sign_in_link(bytea, bytea, interval), app.revoke_session(bytea), app.identify(bytea) TO :login;

GRANT CREATE ON SCHEMA app TO :definer;
DO $$
DECLARE v_function regprocedure;
BEGIN
    FOR v_function IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'app'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO :definer', v_function);
    END LOOP;
END $$;
REVOKE CREATE ON SCHEMA app FROM :definer;
