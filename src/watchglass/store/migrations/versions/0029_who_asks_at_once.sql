-- The projects of whoever asks are found with one query instead of three functions inside each other, each of which
-- was begun anew for every table of every statement. Who asks is still said by one text, which all three hold.

GRANT CREATE ON SCHEMA app TO :definer;
SET LOCAL ROLE :definer;

DO $do$
DECLARE
    v_hash text := $$decode(nullif(current_setting('app.session', true), ''), 'hex')$$;
    v_asking text := format($$
        SELECT door.user_id, door.scope, door.project_id FROM (
            SELECT s.user_id, NULL::text AS scope, NULL::uuid AS project_id FROM public.sessions s
            WHERE s.token_hash = %1$s
              AND s.revoked_at IS NULL
              AND s.expires_at > clock_timestamp()
              AND s.last_used_at > clock_timestamp() - interval '12 hours'
            UNION ALL
            SELECT t.user_id, t.scope, t.project_id FROM public.api_tokens t
            WHERE t.token_hash = %1$s
              AND t.revoked_at IS NULL
              AND t.expires_at > clock_timestamp()
        ) door
        JOIN public.users u ON u.id = door.user_id
              AND u.disabled_at IS NULL
    $$, v_hash);
    v_how text := $$LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''$$;
BEGIN
    EXECUTE format('CREATE OR REPLACE FUNCTION app.user_id() RETURNS uuid %s AS %L', v_how, format($$
    SELECT asking.user_id FROM (%s) asking
$$, v_asking));
    -- The token that is asking; no row for a session, or for nobody.
    EXECUTE format('CREATE OR REPLACE FUNCTION app.token() RETURNS TABLE (scope text, project_id uuid) %s AS %L', v_how,
        format($$
    SELECT asking.scope, asking.project_id FROM (%s) asking WHERE asking.scope IS NOT NULL
$$, v_asking));
    EXECUTE format('CREATE OR REPLACE FUNCTION app.project_ids() RETURNS uuid[] %s AS %L', v_how, format($$
    SELECT coalesce(array_agg(m.project_id), '{}') FROM (%s) asking
    JOIN public.project_members m ON m.user_id = asking.user_id
              AND (asking.project_id IS NULL OR m.project_id = asking.project_id)
$$, v_asking));
END $do$;

SET LOCAL ROLE :owner;
REVOKE CREATE ON SCHEMA app FROM :definer;
