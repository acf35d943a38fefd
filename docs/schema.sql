CREATE SCHEMA app;

CREATE FUNCTION app.add_group_line(p_project uuid, p_action text, p_user uuid, p_details jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    INSERT INTO public.audit_log (project_id, user_name, action, target, details)
    VALUES (p_project, 'single sign-on', p_action, p_user::text, p_details || '{"byProvider": true}'::jsonb)
$$;

CREATE FUNCTION app.add_installation_line(p_by uuid, p_action text, p_target uuid, p_details jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    INSERT INTO public.installation_log (user_id, user_name, action, target, details)
    VALUES (p_by, (SELECT name FROM public.users WHERE id = p_by), p_action, p_target::text,
            p_details || jsonb_build_object('of', (SELECT name FROM public.users WHERE id = p_target))
            || CASE WHEN p_by IS NULL AND current_setting('app.by_provider', true) = 'true'
                    THEN '{"byProvider": true}'::jsonb ELSE '{}'::jsonb END)
$$;

CREATE FUNCTION app.add_line(p_project uuid, p_action text, p_target text, p_details jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    INSERT INTO public.audit_log (project_id, user_id, user_name, action, target, details)
    SELECT p_project, u.id, u.name, p_action, p_target, p_details FROM public.users u WHERE u.id = app.user_id()
$$;

CREATE FUNCTION app.add_member(p_project uuid, p_name text, p_role text, p_sees boolean) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE v_user uuid;
BEGIN
    IF NOT app.owns(p_project) THEN RETURN 'forbidden'; END IF;
    SELECT id INTO v_user FROM public.users WHERE name = p_name;
    IF v_user IS NULL THEN RETURN 'no_user'; END IF;
    INSERT INTO public.project_members (project_id, user_id, role, sees_payloads)
        VALUES (p_project, v_user, p_role, p_sees) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN 'member'; END IF;
    PERFORM app.add_line(p_project, 'member.add', v_user::text,
                         jsonb_build_object('name', p_name, 'role', p_role, 'seesPayloads', p_sees));
    RETURN 'ok';
END $$;

CREATE FUNCTION app.add_user(p_name text, p_email text, p_admin boolean, p_password_hash text) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    INSERT INTO public.users (name, email, is_admin, password_hash) VALUES (p_name, p_email, p_admin, p_password_hash)
    ON CONFLICT DO NOTHING RETURNING id
$$;

CREATE FUNCTION app.begin_oidc(p_browser bytea, p_state text, p_nonce text, p_verifier text, p_redirect_uri text, p_lifetime interval) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    INSERT INTO public.oidc_sign_ins VALUES
        (p_browser, p_state, p_nonce, p_verifier, p_redirect_uri, clock_timestamp() + p_lifetime)
$$;

CREATE FUNCTION app.can_anybody_sign_in() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT EXISTS (SELECT FROM public.users WHERE password_hash IS NOT NULL AND disabled_at IS NULL)
$$;

CREATE FUNCTION app.change_member(p_project uuid, p_user uuid, p_role text, p_sees boolean) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE v_before record;
BEGIN
    IF NOT app.owns(p_project) THEN RETURN 'forbidden'; END IF;
    SELECT m.role, m.sees_payloads, m.from_group, u.name INTO v_before
        FROM public.project_members m JOIN public.users u ON u.id = m.user_id
        WHERE m.project_id = p_project AND m.user_id = p_user;
    IF NOT FOUND THEN RETURN 'no_member'; END IF;
    IF v_before.role = 'owner' AND p_role <> 'owner' AND app.is_last_owner(p_project, p_user) THEN
        RETURN 'last_owner';
    END IF;
    IF (v_before.role, v_before.sees_payloads) <> (p_role, p_sees) THEN
        UPDATE public.project_members SET role = p_role, sees_payloads = p_sees, from_group = NULL
            WHERE project_id = p_project AND user_id = p_user;
        PERFORM app.add_line(p_project, 'member.update', p_user::text,
                             jsonb_build_object('name', v_before.name, 'role', p_role, 'seesPayloads', p_sees,
                                                'roleBefore', v_before.role, 'sawPayloads', v_before.sees_payloads)
                             || jsonb_strip_nulls(jsonb_build_object('groupBefore', v_before.from_group)));
    END IF;
    RETURN 'ok';
END $$;

CREATE FUNCTION app.change_user(p_user uuid, p_admin boolean, p_disabled boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    UPDATE public.users SET
        is_admin = coalesce(p_admin, is_admin),
        disabled_at = CASE WHEN p_disabled THEN coalesce(disabled_at, clock_timestamp())
                           WHEN p_disabled IS NULL THEN disabled_at END
    WHERE id = p_user;
    IF p_disabled THEN
        UPDATE public.sessions SET revoked_at = clock_timestamp() WHERE user_id = p_user AND revoked_at IS NULL;
    END IF;
    RETURN FOUND OR EXISTS (SELECT FROM public.users WHERE id = p_user);
END $$;

CREATE FUNCTION app.count_try(p_try uuid, p_keys bytea[], p_amounts integer[], p_windows interval[]) RETURNS interval
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_lock integer;
    v_wait interval;
    v_now timestamptz;
BEGIN
    FOR v_lock IN SELECT DISTINCT hashtext(encode(k, 'hex')) FROM unnest(p_keys) k ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock(7402611, v_lock);
    END LOOP;
    v_now := clock_timestamp();
    SELECT max(full_until) - v_now INTO v_wait FROM (
        SELECT (SELECT t.at + limits.win FROM public.sign_in_tries t
                WHERE t.key = limits.key AND t.at > v_now - limits.win
                ORDER BY t.at DESC OFFSET limits.amount - 1 LIMIT 1) AS full_until
        FROM unnest(p_keys, p_amounts, p_windows) AS limits (key, amount, win)
    ) found;
    IF v_wait IS NOT NULL THEN
        RETURN v_wait;
    END IF;
    INSERT INTO public.sign_in_tries (key, at, try_id) SELECT k, v_now, p_try FROM unnest(p_keys) k;
    RETURN NULL;
END $$;

CREATE FUNCTION app.create_project(p_name text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_user uuid := app.user_id();
    v_id uuid;
BEGIN
    IF v_user IS NULL OR EXISTS (SELECT FROM app.token() t WHERE t.project_id IS NOT NULL) THEN
        RAISE insufficient_privilege USING MESSAGE = 'nobody is signed in, or with a token of one project alone';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(v_user::text, 7402611024));
    IF EXISTS (SELECT FROM public.projects p JOIN public.project_members m ON m.project_id = p.id
               WHERE m.user_id = v_user AND p.name = p_name) THEN
        RAISE unique_violation USING MESSAGE = 'the person has a project of that name';
    END IF;
    INSERT INTO public.projects (name) VALUES (p_name) RETURNING id INTO v_id;
    INSERT INTO public.project_members (project_id, user_id, role) VALUES (v_id, v_user, 'owner');
    PERFORM app.add_line(v_id, 'project.create', v_id::text, jsonb_build_object('name', p_name));
    RETURN v_id;
END $$;

CREATE FUNCTION app.end_oidc(p_browser bytea) RETURNS TABLE(state text, nonce text, code_verifier text, redirect_uri text)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    DELETE FROM public.oidc_sign_ins o WHERE o.browser_hash = p_browser
    RETURNING CASE WHEN o.expires_at > clock_timestamp() THEN o.state END, o.nonce, o.code_verifier, o.redirect_uri
$$;

CREATE FUNCTION app.ensure_owner(p_name text) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    INSERT INTO public.users (name, is_admin) VALUES (p_name, true)
    ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id
$$;

CREATE FUNCTION app.ensure_project(p_name text, p_owner uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE v_id uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_owner::text, 7402611024));
    SELECT p.id INTO v_id FROM public.projects p JOIN public.project_members m ON m.project_id = p.id
        WHERE m.user_id = p_owner AND m.role = 'owner' AND p.name = p_name ORDER BY p.created_at, p.id LIMIT 1;
    IF v_id IS NULL THEN
        INSERT INTO public.projects (name) VALUES (p_name) RETURNING id INTO v_id;
        INSERT INTO public.project_members VALUES (v_id, p_owner, 'owner');
    END IF;
    RETURN v_id;
END $$;

CREATE FUNCTION app.ensure_user(p_name text) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    INSERT INTO public.users (name) VALUES (p_name)
    ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id
$$;

CREATE FUNCTION app.erase_from_log(p_project uuid, p_executions text[], p_runs text[], p_workflow_id text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    UPDATE public.audit_log SET details = '{"erased": true}'
    WHERE project_id = p_project
      AND (target = ANY (p_executions) OR details ->> 'temporalRunId' = ANY (p_runs)
           OR details ->> 'temporalWorkflowId' = p_workflow_id)
$$;

CREATE FUNCTION app.exchange_sign_in_link(p_link_hash bytea, p_session_hash bytea, p_lifetime interval) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    WITH used AS (
        UPDATE public.sign_in_links SET used_at = clock_timestamp()
        WHERE token_hash = p_link_hash AND used_at IS NULL AND expires_at > clock_timestamp()
        RETURNING user_id
    )
    INSERT INTO public.sessions (token_hash, user_id, expires_at)
    SELECT p_session_hash, user_id, clock_timestamp() + p_lifetime FROM used RETURNING user_id
$$;

CREATE FUNCTION app.figure_checks(p_limit integer) RETURNS TABLE(project_id uuid, project_name text, checked_at timestamp with time zone, release text, compared_buckets bigint, differing_buckets bigint, drifted_at timestamp with time zone, rebuilt_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT own.id, own.name, c.checked_at, c.release, c.compared_buckets, c.differing_buckets, c.drifted_at, c.rebuilt_at
    FROM public.rollup_checks c
    LEFT JOIN public.projects own ON own.id = c.project_id AND own.id = ANY ((SELECT app.project_ids())::uuid[])
    WHERE (SELECT app.is_admin())
    ORDER BY c.drifted_at DESC NULLS LAST, c.checked_at NULLS FIRST, c.project_id LIMIT p_limit
$$;

CREATE FUNCTION app.find_project(p_owner uuid, p_address text, p_namespace text, p_embedded boolean) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT c.project_id FROM public.connections c
    JOIN public.project_members m ON m.project_id = c.project_id AND m.user_id = p_owner AND m.role = 'owner'
    WHERE c.namespace = p_namespace AND c.is_embedded = p_embedded AND (p_embedded OR c.address = p_address)
    ORDER BY c.created_at, c.id LIMIT 1
$$;

CREATE FUNCTION app.find_user(p_name text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT id FROM public.users WHERE name = p_name
$$;

CREATE FUNCTION app.follow_groups(p_user uuid, p_projects uuid[], p_roles text[], p_sees boolean[], p_groups text[]) RETURNS TABLE(project_id uuid, undone text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_name text;
    v_each record;
BEGIN
    SELECT u.name INTO v_name FROM public.users u WHERE u.id = p_user AND u.disabled_at IS NULL;
    IF NOT FOUND THEN RETURN; END IF;
    -- In one order, and as owners do before they change members.
    PERFORM FROM public.projects p
        WHERE p.id = ANY (p_projects)
           OR p.id IN (SELECT m.project_id FROM public.project_members m
                       WHERE m.user_id = p_user AND m.from_group IS NOT NULL)
        ORDER BY p.id FOR NO KEY UPDATE;
    FOR v_each IN
        SELECT p.id AS project, given.role, given.sees, given.called, m.user_id IS NOT NULL AS is_member,
            m.from_group, m.role AS role_before, m.sees_payloads AS saw
        FROM public.projects p
        LEFT JOIN unnest(p_projects, p_roles, p_sees, p_groups) AS given (project, role, sees, called)
            ON given.project = p.id
        LEFT JOIN public.project_members m ON m.project_id = p.id AND m.user_id = p_user
        WHERE (given.project IS NOT NULL AND m.user_id IS NULL) OR m.from_group IS NOT NULL
        ORDER BY p.id
    LOOP
        IF NOT v_each.is_member THEN
            INSERT INTO public.project_members (project_id, user_id, role, sees_payloads, from_group)
                VALUES (v_each.project, p_user, v_each.role, v_each.sees, v_each.called);
            PERFORM app.add_group_line(v_each.project, 'member.add', p_user,
                jsonb_build_object('name', v_name, 'role', v_each.role, 'seesPayloads', v_each.sees,
                                   'group', v_each.called));
        ELSIF v_each.role IS DISTINCT FROM 'owner' AND app.is_last_owner(v_each.project, p_user) THEN
            project_id := v_each.project;
            undone := 'last_owner';
            RETURN NEXT;
        ELSIF v_each.role IS NULL THEN
            DELETE FROM public.project_members m WHERE m.project_id = v_each.project AND m.user_id = p_user;
            PERFORM app.add_group_line(v_each.project, 'member.remove', p_user,
                                       jsonb_build_object('name', v_name, 'group', v_each.from_group));
        ELSIF (v_each.role, v_each.sees, v_each.called) <> (v_each.role_before, v_each.saw, v_each.from_group) THEN
            UPDATE public.project_members m
                SET role = v_each.role, sees_payloads = v_each.sees, from_group = v_each.called
                WHERE m.project_id = v_each.project AND m.user_id = p_user;
            PERFORM app.add_group_line(v_each.project, 'member.update', p_user,
                jsonb_build_object('name', v_name, 'role', v_each.role, 'seesPayloads', v_each.sees,
                                   'group', v_each.called, 'roleBefore', v_each.role_before,
                                   'sawPayloads', v_each.saw, 'groupBefore', v_each.from_group));
        END IF;
    END LOOP;
    RETURN QUERY SELECT given.id, 'no_project' FROM unnest(p_projects) AS given (id)
        WHERE NOT EXISTS (SELECT FROM public.projects p WHERE p.id = given.id);
END $$;

CREATE FUNCTION app.forgive_try(p_try uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    DELETE FROM public.sign_in_tries WHERE try_id = p_try
$$;

CREATE FUNCTION app.identify(p_hash bytea) RETURNS TABLE(user_id uuid, user_name text, is_admin boolean, scope text, project_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    PERFORM set_config('app.session', encode(p_hash, 'hex'), true);
    RETURN QUERY SELECT u.id, u.name, app.is_admin(), t.scope, t.project_id
        FROM public.users u LEFT JOIN app.token() t ON true WHERE u.id = app.user_id();
    IF FOUND THEN
        UPDATE public.sessions s SET last_used_at = clock_timestamp()
            WHERE s.token_hash = p_hash AND s.last_used_at < clock_timestamp() - interval '1 minute';
        UPDATE public.api_tokens t SET last_used_at = clock_timestamp()
            WHERE t.token_hash = p_hash
              AND (t.last_used_at IS NULL OR t.last_used_at < clock_timestamp() - interval '1 minute');
    END IF;
END $$;

CREATE FUNCTION app.installation_lines(p_at timestamp with time zone, p_id uuid, p_limit integer) RETURNS TABLE(id uuid, at timestamp with time zone, user_name text, action text, target text, details jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT l.id, l.at, l.user_name, l.action, l.target, l.details FROM public.installation_log l
    WHERE (SELECT app.is_admin()) AND (p_at IS NULL OR (l.at, l.id) < (p_at, p_id))
    ORDER BY l.at DESC, l.id DESC LIMIT p_limit
$$;

CREATE FUNCTION app.installation_lines(p_at timestamp with time zone, p_id uuid, p_limit integer, p_actions text[]) RETURNS TABLE(id uuid, at timestamp with time zone, user_name text, action text, target text, details jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT l.id, l.at, l.user_name, l.action, l.target, l.details FROM public.installation_log l
    WHERE (SELECT app.is_admin()) AND (p_at IS NULL OR (l.at, l.id) < (p_at, p_id))
      AND (p_actions IS NULL OR l.action = ANY (p_actions))
    ORDER BY l.at DESC, l.id DESC LIMIT p_limit
$$;

CREATE FUNCTION app.is_admin() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT EXISTS (SELECT FROM public.users u WHERE u.id = app.user_id() AND u.is_admin)
       AND NOT EXISTS (SELECT FROM app.token() t WHERE t.scope <> 'admin' OR t.project_id IS NOT NULL)
$$;

CREATE FUNCTION app.is_last_admin(p_user uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT NOT EXISTS (SELECT FROM public.users WHERE is_admin AND disabled_at IS NULL AND id <> p_user)
$$;

CREATE FUNCTION app.is_last_owner(p_project uuid, p_user uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT EXISTS (SELECT FROM public.project_members
                   WHERE project_id = p_project AND user_id = p_user AND role = 'owner')
       AND NOT EXISTS (SELECT FROM public.project_members
                       WHERE project_id = p_project AND user_id <> p_user AND role = 'owner')
$$;

CREATE FUNCTION app.issue_own_token(p_hash bytea, p_name text, p_lifetime interval, p_scope text, p_project uuid) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    INSERT INTO public.api_tokens (token_hash, user_id, name, expires_at, scope, project_id)
    SELECT p_hash, app.user_id(), p_name, clock_timestamp() + p_lifetime, p_scope, p_project
    WHERE app.user_id() IS NOT NULL AND (p_project IS NULL OR p_project = ANY (app.project_ids()))
    RETURNING id
$$;

CREATE FUNCTION app.issue_sign_in_link(p_hash bytea, p_user uuid, p_lifetime interval) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    INSERT INTO public.sign_in_links (token_hash, user_id, expires_at)
    VALUES (p_hash, p_user, clock_timestamp() + p_lifetime)
$$;

CREATE FUNCTION app.issue_token(p_hash bytea, p_user uuid, p_name text, p_lifetime interval) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    INSERT INTO public.api_tokens (token_hash, user_id, name, expires_at)
    VALUES (p_hash, p_user, p_name, clock_timestamp() + p_lifetime)
$$;

CREATE FUNCTION app.issue_token(p_hash bytea, p_user uuid, p_name text, p_lifetime interval, p_scope text, p_project uuid) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    INSERT INTO public.api_tokens (token_hash, user_id, name, expires_at, scope, project_id)
    VALUES (p_hash, p_user, p_name, clock_timestamp() + p_lifetime, p_scope, p_project) RETURNING id
$$;

CREATE FUNCTION app.issue_token(p_hash bytea, p_user uuid, p_name text, p_lifetime interval, p_scope text, p_project uuid, p_is_of_start boolean) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    INSERT INTO public.api_tokens (token_hash, user_id, name, expires_at, scope, project_id, is_of_start)
    VALUES (p_hash, p_user, p_name, clock_timestamp() + p_lifetime, p_scope, p_project, p_is_of_start) RETURNING id
$$;

CREATE FUNCTION app.link_identity(p_issuer text, p_subject text, p_user uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    INSERT INTO public.user_identities (issuer, subject, user_id) VALUES (p_issuer, p_subject, p_user)
$$;

CREATE FUNCTION app.managed_users() RETURNS TABLE(id uuid, name text, email text, is_admin boolean, created_at timestamp with time zone, disabled_at timestamp with time zone, has_password boolean, issuers text[], last_seen_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT * FROM app.users() WHERE app.is_admin()
$$;

CREATE FUNCTION app.members_of(p_project uuid) RETURNS TABLE(user_id uuid, user_name text, role text, sees_payloads boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT m.user_id, u.name, m.role, m.sees_payloads
    FROM public.project_members m JOIN public.users u ON u.id = m.user_id
    WHERE m.project_id = p_project AND p_project = ANY (app.project_ids())
      AND EXISTS (SELECT FROM public.project_members o
                  WHERE o.project_id = p_project AND o.user_id = app.user_id() AND o.role = 'owner')
    ORDER BY u.name
$$;

CREATE FUNCTION app.note_identity() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    PERFORM app.add_installation_line(app.user_id(), 'user.link', NEW.user_id, jsonb_build_object('issuer', NEW.issuer));
    RETURN NULL;
END $$;

CREATE FUNCTION app.note_session() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM app.add_installation_line(NEW.user_id, 'session.open', NEW.user_id,
                                          jsonb_build_object('method', NEW.method, 'address', NEW.address));
    ELSIF OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL THEN
        PERFORM app.add_installation_line(coalesce(app.user_id(), NEW.user_id), 'session.end', NEW.user_id, '{}');
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION app.note_token() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE v_details jsonb := jsonb_build_object('name', NEW.name, 'scope', NEW.scope, 'projectId', NEW.project_id);
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM app.add_installation_line(app.user_id(), 'token.create', NEW.user_id, v_details);
    ELSIF OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL THEN
        PERFORM app.add_installation_line(app.user_id(), 'token.revoke', NEW.user_id, v_details);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION app.note_user() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM app.add_installation_line(app.user_id(), 'user.create', NEW.id,
                                          jsonb_build_object('isAdmin', NEW.is_admin));
        RETURN NULL;
    END IF;
    IF OLD.is_admin <> NEW.is_admin THEN
        PERFORM app.add_installation_line(app.user_id(), 'user.update', NEW.id,
                                          jsonb_build_object('isAdmin', NEW.is_admin));
    END IF;
    IF (OLD.disabled_at IS NULL) <> (NEW.disabled_at IS NULL) THEN
        PERFORM app.add_installation_line(app.user_id(), 'user.update', NEW.id,
                                          jsonb_build_object('disabled', NEW.disabled_at IS NOT NULL));
    END IF;
    IF OLD.password_hash IS DISTINCT FROM NEW.password_hash THEN
        PERFORM app.add_installation_line(app.user_id(), 'user.password', NEW.id, '{}');
    END IF;
    IF OLD.email IS DISTINCT FROM NEW.email OR OLD.name <> NEW.name THEN
        PERFORM app.add_installation_line(app.user_id(), 'user.update', NEW.id,
                                          jsonb_build_object('email', NEW.email, 'nameBefore', OLD.name));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION app.open_session(p_hash bytea, p_user uuid, p_lifetime interval, p_method text, p_user_agent text, p_address text, p_replaced bytea) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    UPDATE public.sessions SET revoked_at = clock_timestamp() WHERE token_hash = p_replaced AND revoked_at IS NULL;
    INSERT INTO public.sessions (token_hash, user_id, expires_at, method, user_agent, address)
    SELECT p_hash, u.id, clock_timestamp() + p_lifetime, p_method, p_user_agent, p_address
    FROM public.users u WHERE u.id = p_user AND u.disabled_at IS NULL RETURNING id
$$;

CREATE FUNCTION app.own_account() RETURNS TABLE(name text, email text, is_admin boolean, has_password boolean, issuers text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT u.name, u.email, u.is_admin, u.password_hash IS NOT NULL,
        ARRAY(SELECT i.issuer FROM public.user_identities i WHERE i.user_id = u.id ORDER BY i.issuer)
    FROM public.users u WHERE u.id = app.user_id()
$$;

CREATE FUNCTION app.own_sessions() RETURNS TABLE(id uuid, is_current boolean, method text, created_at timestamp with time zone, last_used_at timestamp with time zone, expires_at timestamp with time zone, user_agent text, address text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT s.id, s.token_hash = decode(nullif(current_setting('app.session', true), ''), 'hex'), s.method, s.created_at,
        s.last_used_at, s.expires_at, s.user_agent, s.address
    FROM public.sessions s
    WHERE s.user_id = app.user_id() AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
      AND s.last_used_at > clock_timestamp() - interval '12 hours'
    ORDER BY s.last_used_at DESC, s.id DESC
$$;

CREATE FUNCTION app.own_tokens() RETURNS TABLE(id uuid, name text, scope text, project_id uuid, project_name text, created_at timestamp with time zone, last_used_at timestamp with time zone, expires_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT t.id, t.name, t.scope, t.project_id, p.name, t.created_at, t.last_used_at, t.expires_at
    FROM public.api_tokens t LEFT JOIN public.projects p ON p.id = t.project_id
    WHERE t.user_id = app.user_id() AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp()
    ORDER BY t.created_at DESC, t.id DESC
$$;

CREATE FUNCTION app.owns(p_project uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF p_project <> ALL (app.project_ids()) THEN
        RETURN false;
    END IF;
    PERFORM FROM public.projects WHERE id = p_project FOR NO KEY UPDATE;
    RETURN EXISTS (SELECT FROM public.project_members
                   WHERE project_id = p_project AND user_id = app.user_id() AND role = 'owner');
END $$;

CREATE FUNCTION app.password_of(p_name text, OUT user_id uuid, OUT password_hash text) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT max(u.id::text)::uuid, max(u.password_hash) FROM public.users u
    WHERE u.name = p_name AND u.disabled_at IS NULL
$$;

CREATE FUNCTION app.project_ids() RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT coalesce(array_agg(m.project_id), '{}') FROM (
        SELECT door.user_id, door.scope, door.project_id FROM (
            SELECT s.user_id, NULL::text AS scope, NULL::uuid AS project_id FROM public.sessions s
            WHERE s.token_hash = decode(nullif(current_setting('app.session', true), ''), 'hex')
              AND s.revoked_at IS NULL
              AND s.expires_at > clock_timestamp()
              AND s.last_used_at > clock_timestamp() - interval '12 hours'
            UNION ALL
            SELECT t.user_id, t.scope, t.project_id FROM public.api_tokens t
            WHERE t.token_hash = decode(nullif(current_setting('app.session', true), ''), 'hex')
              AND t.revoked_at IS NULL
              AND t.expires_at > clock_timestamp()
        ) door
        JOIN public.users u ON u.id = door.user_id
              AND u.disabled_at IS NULL
    ) asking
    JOIN public.project_members m ON m.user_id = asking.user_id
              AND (asking.project_id IS NULL OR m.project_id = asking.project_id)
$$;

CREATE FUNCTION app.project_of_member(p_user uuid, p_name text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT p.id FROM public.projects p JOIN public.project_members m ON m.project_id = p.id AND m.user_id = p_user
    WHERE p.name = p_name OR p.id::text = p_name
$$;

CREATE FUNCTION app.remove_member(p_project uuid, p_user uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE v_name text;
BEGIN
    IF NOT app.owns(p_project) THEN RETURN 'forbidden'; END IF;
    IF app.is_last_owner(p_project, p_user) THEN RETURN 'last_owner'; END IF;
    SELECT u.name INTO v_name FROM public.users u WHERE u.id = p_user;
    -- Before the member is gone: who removes themselves is asking still.
    PERFORM app.add_line(p_project, 'member.remove', p_user::text, jsonb_build_object('name', v_name))
        FROM public.project_members WHERE project_id = p_project AND user_id = p_user;
    DELETE FROM public.project_members WHERE project_id = p_project AND user_id = p_user;
    RETURN CASE WHEN FOUND THEN 'ok' ELSE 'no_member' END;
END $$;

CREATE FUNCTION app.rename_project(p_id uuid, p_name text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_user uuid := app.user_id();
    v_role text;
    v_before text;
BEGIN
    SELECT role INTO v_role FROM public.project_members
        WHERE project_id = p_id AND user_id = v_user AND p_id = ANY (app.project_ids());
    IF v_role IN ('owner', 'editor') THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(v_user::text, 7402611024));
        IF EXISTS (SELECT FROM public.projects p JOIN public.project_members m ON m.project_id = p.id
                   WHERE m.user_id = v_user AND p.name = p_name AND p.id <> p_id) THEN
            RAISE unique_violation USING MESSAGE = 'the person has a project of that name';
        END IF;
        SELECT name INTO v_before FROM public.projects WHERE id = p_id FOR NO KEY UPDATE;
        IF v_before <> p_name THEN
            UPDATE public.projects SET name = p_name WHERE id = p_id;
            PERFORM app.add_line(p_id, 'project.update', p_id::text,
                                 jsonb_build_object('name', p_name, 'nameBefore', v_before));
        END IF;
    END IF;
    RETURN v_role;
END $$;

CREATE FUNCTION app.revoke_own_session(p_id uuid) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    UPDATE public.sessions SET revoked_at = coalesce(revoked_at, clock_timestamp())
    WHERE id = p_id AND user_id = app.user_id() RETURNING true
$$;

CREATE FUNCTION app.revoke_own_token(p_id uuid) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    UPDATE public.api_tokens SET revoked_at = coalesce(revoked_at, clock_timestamp())
    WHERE id = p_id AND user_id = app.user_id() RETURNING true
$$;

CREATE FUNCTION app.revoke_session(p_hash bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    UPDATE public.sessions SET revoked_at = clock_timestamp() WHERE token_hash = p_hash AND revoked_at IS NULL
$$;

CREATE FUNCTION app.revoke_sessions(p_user uuid, p_kept bytea) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    WITH ended AS (
        UPDATE public.sessions SET revoked_at = clock_timestamp()
        WHERE user_id = p_user AND revoked_at IS NULL AND token_hash IS DISTINCT FROM p_kept RETURNING 1
    )
    SELECT count(*) FROM ended
$$;

CREATE FUNCTION app.revoke_token(p_hash bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    UPDATE public.api_tokens SET revoked_at = clock_timestamp() WHERE token_hash = p_hash AND revoked_at IS NULL
$$;

CREATE FUNCTION app.revoke_tokens(p_user uuid) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    WITH ended AS (
        UPDATE public.api_tokens SET revoked_at = clock_timestamp()
        WHERE user_id = p_user AND revoked_at IS NULL AND expires_at > clock_timestamp() AND NOT is_of_start
        RETURNING 1
    )
    SELECT count(*) FROM ended
$$;

CREATE FUNCTION app.set_password(p_user uuid, p_hash text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    UPDATE public.users SET password_hash = p_hash WHERE id = p_user
$$;

CREATE FUNCTION app.take_away_ended(p_kept interval, p_limit integer, OUT sessions bigint, OUT tokens bigint, OUT links bigint, OUT oidc bigint, OUT tries bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_before timestamptz := clock_timestamp() - greatest(p_kept, interval '0');
    v_hour_ago timestamptz := clock_timestamp() - interval '1 hour';
BEGIN
    sessions := 0; tokens := 0; links := 0; oidc := 0; tries := 0;
    -- One process at a time; another one's batches are as good.
    IF NOT pg_try_advisory_xact_lock(7402611, 30) THEN
        RETURN;
    END IF;
    WITH gone AS (
        SELECT s.token_hash FROM public.sessions s
        WHERE least(s.expires_at, s.revoked_at, s.last_used_at + interval '12 hours') < v_before
          AND EXISTS (SELECT FROM public.sessions later WHERE later.user_id = s.user_id
                      AND (later.last_used_at, later.token_hash) > (s.last_used_at, s.token_hash))
        LIMIT p_limit FOR UPDATE OF s SKIP LOCKED
    )
    DELETE FROM public.sessions s USING gone WHERE s.token_hash = gone.token_hash;
    GET DIAGNOSTICS sessions = ROW_COUNT;
    WITH gone AS (
        SELECT t.token_hash FROM public.api_tokens t WHERE least(t.expires_at, t.revoked_at) < v_before
        LIMIT p_limit FOR UPDATE SKIP LOCKED
    )
    DELETE FROM public.api_tokens t USING gone WHERE t.token_hash = gone.token_hash;
    GET DIAGNOSTICS tokens = ROW_COUNT;
    WITH gone AS (
        SELECT l.token_hash FROM public.sign_in_links l WHERE least(l.expires_at, l.used_at) < v_before
        LIMIT p_limit FOR UPDATE SKIP LOCKED
    )
    DELETE FROM public.sign_in_links l USING gone WHERE l.token_hash = gone.token_hash;
    GET DIAGNOSTICS links = ROW_COUNT;
    WITH gone AS (
        SELECT o.browser_hash FROM public.oidc_sign_ins o WHERE o.expires_at < v_hour_ago
        LIMIT p_limit FOR UPDATE SKIP LOCKED
    )
    DELETE FROM public.oidc_sign_ins o USING gone WHERE o.browser_hash = gone.browser_hash;
    GET DIAGNOSTICS oidc = ROW_COUNT;
    WITH gone AS (
        SELECT t.key, t.at, t.try_id FROM public.sign_in_tries t WHERE t.at < v_hour_ago
        LIMIT p_limit FOR UPDATE SKIP LOCKED
    )
    DELETE FROM public.sign_in_tries t USING gone
    WHERE t.key = gone.key AND t.at = gone.at AND t.try_id = gone.try_id;
    GET DIAGNOSTICS tries = ROW_COUNT;
END $$;

CREATE FUNCTION app.token() RETURNS TABLE(scope text, project_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT asking.scope, asking.project_id FROM (
        SELECT door.user_id, door.scope, door.project_id FROM (
            SELECT s.user_id, NULL::text AS scope, NULL::uuid AS project_id FROM public.sessions s
            WHERE s.token_hash = decode(nullif(current_setting('app.session', true), ''), 'hex')
              AND s.revoked_at IS NULL
              AND s.expires_at > clock_timestamp()
              AND s.last_used_at > clock_timestamp() - interval '12 hours'
            UNION ALL
            SELECT t.user_id, t.scope, t.project_id FROM public.api_tokens t
            WHERE t.token_hash = decode(nullif(current_setting('app.session', true), ''), 'hex')
              AND t.revoked_at IS NULL
              AND t.expires_at > clock_timestamp()
        ) door
        JOIN public.users u ON u.id = door.user_id
              AND u.disabled_at IS NULL
    ) asking WHERE asking.scope IS NOT NULL
$$;

CREATE FUNCTION app.use_sign_in_link(p_link_hash bytea) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    UPDATE public.sign_in_links SET used_at = clock_timestamp()
    WHERE token_hash = p_link_hash AND used_at IS NULL AND expires_at > clock_timestamp()
    RETURNING user_id
$$;

CREATE FUNCTION app.user_id() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT asking.user_id FROM (
        SELECT door.user_id, door.scope, door.project_id FROM (
            SELECT s.user_id, NULL::text AS scope, NULL::uuid AS project_id FROM public.sessions s
            WHERE s.token_hash = decode(nullif(current_setting('app.session', true), ''), 'hex')
              AND s.revoked_at IS NULL
              AND s.expires_at > clock_timestamp()
              AND s.last_used_at > clock_timestamp() - interval '12 hours'
            UNION ALL
            SELECT t.user_id, t.scope, t.project_id FROM public.api_tokens t
            WHERE t.token_hash = decode(nullif(current_setting('app.session', true), ''), 'hex')
              AND t.revoked_at IS NULL
              AND t.expires_at > clock_timestamp()
        ) door
        JOIN public.users u ON u.id = door.user_id
              AND u.disabled_at IS NULL
    ) asking
$$;

CREATE FUNCTION app.user_of_email(p_email text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT id FROM public.users WHERE lower(email) = lower(p_email)
$$;

CREATE FUNCTION app.user_of_identity(p_issuer text, p_subject text) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
    UPDATE public.user_identities SET last_used_at = clock_timestamp()
    WHERE issuer = p_issuer AND subject = p_subject RETURNING user_id
$$;

CREATE FUNCTION app.users() RETURNS TABLE(id uuid, name text, email text, is_admin boolean, created_at timestamp with time zone, disabled_at timestamp with time zone, has_password boolean, issuers text[], last_seen_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
    SELECT u.id, u.name, u.email, u.is_admin, u.created_at, u.disabled_at, u.password_hash IS NOT NULL,
        ARRAY(SELECT i.issuer FROM public.user_identities i WHERE i.user_id = u.id ORDER BY i.issuer),
        (SELECT max(s.last_used_at) FROM public.sessions s WHERE s.user_id = u.id)
    FROM public.users u ORDER BY u.name
$$;

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

COMMENT ON TABLE public.alembic_version IS 'Works with code that knows revision 0028';

CREATE TABLE public.api_tokens (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    id uuid DEFAULT uuidv7(),
    scope text DEFAULT 'admin'::text NOT NULL,
    project_id uuid,
    is_of_start boolean DEFAULT false NOT NULL,
    CONSTRAINT api_tokens_name_check CHECK ((name <> ''::text)),
    CONSTRAINT api_tokens_scope_check CHECK ((scope = ANY (ARRAY['read'::text, 'sync'::text, 'admin'::text])))
);

ALTER TABLE ONLY public.api_tokens FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.api_tokens.project_id IS 'The only project that it opens. Null: all of its holder''s.';

COMMENT ON COLUMN public.api_tokens.is_of_start IS 'Made by `up` for its own machine; ends with the next start.';

CREATE TABLE public.audit_log (
    project_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    user_id uuid,
    user_name text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    details jsonb NOT NULL
);

ALTER TABLE ONLY public.audit_log FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.audit_log IS 'Who did what. Lines are added and never changed.';

COMMENT ON COLUMN public.audit_log.user_name IS 'As they were called then.';

COMMENT ON COLUMN public.audit_log.action IS 'A noun and a verb: execution.cancel, version.save.';

COMMENT ON COLUMN public.audit_log.target IS 'Id of what it was done to.';

CREATE TABLE public.backfills (
    project_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    connection_id uuid NOT NULL,
    kind text NOT NULL,
    workflow_id uuid,
    from_at timestamp with time zone,
    to_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    query text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    phase text NOT NULL,
    listed_until timestamp with time zone,
    open_since timestamp with time zone,
    after_id uuid,
    expected_runs bigint,
    listed_runs bigint DEFAULT 0 NOT NULL,
    listed_in_window bigint DEFAULT 0 NOT NULL,
    queued_runs bigint DEFAULT 0 NOT NULL,
    missed_runs bigint DEFAULT 0 NOT NULL,
    holder uuid,
    held_until timestamp with time zone,
    error text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    CONSTRAINT backfills_kind_check CHECK ((kind = ANY (ARRAY['history'::text, 'level'::text]))),
    CONSTRAINT backfills_phase_check CHECK ((phase = ANY (ARRAY['closed'::text, 'open'::text, 'late'::text, 'levels'::text, 'copying'::text, 'over'::text]))),
    CONSTRAINT backfills_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'cancelled'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.backfills FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.backfills IS 'Jobs that copy older runs: a stretch of history, or what a changed level now covers.';

COMMENT ON COLUMN public.backfills.listed_until IS 'Runs that closed before this moment have been listed.';

COMMENT ON COLUMN public.backfills.listed_in_window IS 'Of the window that is being listed; counted again after a crash.';

COMMENT ON COLUMN public.backfills.queued_runs IS 'Executions that the job put into the queue.';

COMMENT ON COLUMN public.backfills.missed_runs IS 'Executions that Temporal deleted before they could be copied.';

CREATE UNLOGGED TABLE public.call_budgets (
    address text NOT NULL,
    namespace text NOT NULL,
    kind text NOT NULL,
    tokens double precision NOT NULL,
    filled_at timestamp with time zone NOT NULL,
    slowed_to double precision DEFAULT 1 NOT NULL,
    slowed_at timestamp with time zone DEFAULT '2000-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    CONSTRAINT call_budgets_kind_check CHECK ((kind = ANY (ARRAY['visibility'::text, 'history'::text]))),
    CONSTRAINT call_budgets_slowed_to_check CHECK (((slowed_to > (0)::double precision) AND (slowed_to <= (1)::double precision)))
)
WITH (fillfactor='20');

ALTER TABLE ONLY public.call_budgets FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.call_budgets IS 'One token bucket for each kind of call to a namespace, shared by all processes and all projects that look at it.';

COMMENT ON COLUMN public.call_budgets.tokens IS 'Calls that could be made at filled_at; below zero when calls that somebody waited for went ahead.';

COMMENT ON COLUMN public.call_budgets.slowed_to IS 'The share of the full rate at slowed_at, when Temporal last said that it is asked too often.';

CREATE TABLE public.component_attempts (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    event_id bigint NOT NULL,
    seen_no integer NOT NULL,
    number integer NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    failure text,
    source text NOT NULL,
    CONSTRAINT component_attempts_source_check CHECK ((source = ANY (ARRAY['observed'::text, 'recorded'::text])))
);

ALTER TABLE ONLY public.component_attempts FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.component_attempts.seen_no IS 'Order of appearance: an activity reset starts at attempt 1 again, so the number alone is no key.';

CREATE TABLE public.component_changes (
    id uuid DEFAULT uuidv7() NOT NULL,
    project_id uuid NOT NULL,
    series uuid NOT NULL,
    bucket timestamp with time zone NOT NULL,
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
    is_correction boolean NOT NULL
);

ALTER TABLE ONLY public.component_changes FORCE ROW LEVEL SECURITY;

CREATE TABLE public.component_executions (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    event_id bigint NOT NULL,
    last_event_id bigint NOT NULL,
    node_id text NOT NULL,
    occurrence integer NOT NULL,
    iteration integer[],
    name text NOT NULL,
    display_name text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    scheduled_at timestamp with time zone,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    duration_ms double precision,
    queue_ms double precision,
    execution_ms double precision,
    retry_ms double precision,
    waiting_ms double precision,
    clock_skew boolean NOT NULL,
    attempt integer,
    reason text,
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
    next_attempt_at timestamp with time zone,
    last_heartbeat_at timestamp with time zone,
    pause text,
    choice text,
    CONSTRAINT component_executions_kind_check CHECK ((kind = ANY (ARRAY['activity'::text, 'local_activity'::text, 'child_workflow'::text, 'timer'::text, 'signal'::text, 'external_signal'::text, 'external_cancel'::text, 'update'::text, 'nexus_operation'::text]))),
    CONSTRAINT component_executions_reason_check CHECK ((reason = ANY (ARRAY['within_policy'::text, 'default_policy'::text, 'not_chosen'::text, 'beyond_policy'::text, 'no_policy'::text, 'exhausted'::text, 'timeout'::text, 'non_retryable'::text, 'cancelled'::text, 'policy_not_recorded'::text, 'attempts_not_recorded'::text]))),
    CONSTRAINT component_executions_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'retrying'::text, 'paused'::text, 'completed'::text, 'failed'::text, 'cancelled'::text, 'terminated'::text, 'timed_out'::text, 'continued_as_new'::text, 'abandoned'::text, 'unknown'::text])))
);

ALTER TABLE ONLY public.component_executions FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.component_executions.iteration IS 'Which item of the loops around its node, outermost first; empty outside of loops. Null: no node of a drawing.';

COMMENT ON COLUMN public.component_executions.input IS 'Serialised Payloads up to 2 KiB; larger ones are read from the history page that holds input_event_id.';

COMMENT ON COLUMN public.component_executions.next_attempt_at IS 'While an activity waits for its next attempt: when that is due.';

COMMENT ON COLUMN public.component_executions.pause IS 'While the unit is paused: [microseconds since 1970, by whom, why, id of the rule that did it], as JSON.';

COMMENT ON COLUMN public.component_executions.choice IS 'The policy that the author of a built workflow chose for the unit''s node, as `policy` is written; or none, or unknown.';

CREATE TABLE public.component_rollups (
    project_id uuid NOT NULL,
    series uuid NOT NULL,
    grain smallint NOT NULL,
    bucket timestamp with time zone NOT NULL,
    component integer NOT NULL,
    variant integer NOT NULL,
    count bigint NOT NULL,
    completed_count bigint,
    failed_count bigint,
    open_count bigint,
    retries_within bigint,
    retries_default bigint,
    retries_unexpected bigint,
    retries_unknown bigint,
    default_units bigint,
    unexpected_units bigint,
    duration_count bigint,
    duration_sum_ms numeric,
    queue_count bigint,
    queue_sum_ms numeric,
    execution_count bigint,
    execution_sum_ms numeric,
    retry_count bigint,
    retry_sum_ms numeric,
    waiting_count bigint,
    waiting_sum_ms numeric,
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
    bin_counts bigint[]
);

ALTER TABLE ONLY public.component_rollups FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.component_rollups IS 'Of counts and sums, null is 0.';

COMMENT ON COLUMN public.component_rollups.grain IS 'As in run_rollups; months only of a series and year that are in rollup_splits.';

COMMENT ON COLUMN public.component_rollups.component IS 'See rollup_components. -1: all those beyond the most that are told apart.';

CREATE TABLE public.component_statistics (
    project_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    count bigint NOT NULL,
    failed_count bigint NOT NULL,
    duration_count bigint NOT NULL,
    duration_sum_ms numeric NOT NULL
);

ALTER TABLE ONLY public.component_statistics FORCE ROW LEVEL SECURITY;

CREATE TABLE public.components (
    project_id uuid NOT NULL,
    type text NOT NULL,
    source text NOT NULL,
    component json NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT components_source_check CHECK ((source = ANY (ARRAY['worker'::text, 'person'::text])))
);

ALTER TABLE ONLY public.components FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.components IS 'The project''s own part of the catalogue; what is built in is not stored.';

CREATE TABLE public.connection_credentials (
    project_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.connection_credentials FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.connection_credentials IS 'How connections sign in, encrypted with the installation''s key.';

COMMENT ON COLUMN public.connection_credentials.key_id IS 'Which key it was encrypted with, so that keys can be replaced.';

CREATE TABLE public.connections (
    project_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    address text NOT NULL,
    namespace text NOT NULL,
    is_embedded boolean NOT NULL,
    ui_address text,
    http_address text,
    state text DEFAULT 'new'::text NOT NULL,
    error text,
    checked_at timestamp with time zone,
    discovered_until timestamp with time zone,
    rescanned_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    scope text DEFAULT ''::text NOT NULL,
    level text DEFAULT 'all'::text NOT NULL,
    visibility_per_second double precision DEFAULT 5 NOT NULL,
    history_per_second double precision DEFAULT 50 NOT NULL,
    codec_address text,
    decodes_at_sync boolean DEFAULT false NOT NULL,
    namespace_id text,
    shown_credentials text,
    namespace_replaced_at timestamp with time zone,
    seen_until timestamp with time zone,
    compared_at timestamp with time zone,
    compared_all_at timestamp with time zone,
    schedules_listed_at timestamp with time zone,
    schedules_refusal text,
    failover_version bigint,
    failed_over_at timestamp with time zone,
    failover_rounds integer DEFAULT 0 NOT NULL,
    CONSTRAINT connections_history_per_second_check CHECK ((history_per_second > (0)::double precision)),
    CONSTRAINT connections_level_check CHECK ((level = ANY (ARRAY['list'::text, 'viewed'::text, 'failed'::text, 'all'::text]))),
    CONSTRAINT connections_state_check CHECK ((state = ANY (ARRAY['new'::text, 'ok'::text, 'unreachable'::text, 'refused'::text]))),
    CONSTRAINT connections_visibility_per_second_check CHECK ((visibility_per_second > (0)::double precision))
);

ALTER TABLE ONLY public.connections FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.connections.discovered_until IS 'By our own clock: runs that started or closed between the connection''s beginning and this moment are known, or wait in listing_windows. Earlier ones are a back-fill''s to list.';

COMMENT ON COLUMN public.connections.scope IS 'A visibility query: the runs that the connection looks at. Empty: all of them.';

COMMENT ON COLUMN public.connections.level IS 'How much of a run is copied without anybody asking for it.';

COMMENT ON COLUMN public.connections.namespace_id IS 'The server''s own id of the namespace; another one means that it was made anew.';

COMMENT ON COLUMN public.connections.shown_credentials IS 'JSON: which kinds of credentials are set and when certificates expire, never a secret. Null: none are set.';

COMMENT ON COLUMN public.connections.namespace_replaced_at IS 'When the namespace was last found to be another one of the same name: deleted and made anew.';

COMMENT ON COLUMN public.connections.seen_until IS 'The same moment by the clock of Temporal, which may be another.';

COMMENT ON COLUMN public.connections.compared_at IS 'When the number of recent runs was last compared with Temporal''s.';

COMMENT ON COLUMN public.connections.compared_all_at IS 'The same, over all the time that Temporal keeps runs.';

COMMENT ON COLUMN public.connections.schedules_listed_at IS 'When Temporal last listed the schedules of the namespace.';

COMMENT ON COLUMN public.connections.schedules_refusal IS 'Why it did not when it was asked after that: a server without schedules, or credentials that do not show them.';

COMMENT ON COLUMN public.connections.failover_version IS 'The namespace''s own, as it was last seen; it rises when another cluster becomes the active one.';

COMMENT ON COLUMN public.connections.failed_over_at IS 'When it was last seen to have risen; null while it never was.';

COMMENT ON COLUMN public.connections.failover_rounds IS 'How often the runs that had closed in the hour before were made due again since then.';

CREATE TABLE public.erased_runs (
    project_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    digest bytea NOT NULL,
    of text NOT NULL,
    started_at timestamp with time zone,
    erased_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT erased_runs_of_check CHECK ((of = ANY (ARRAY['run'::text, 'workflow'::text])))
);

ALTER TABLE ONLY public.erased_runs FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.erased_runs IS 'What must not be copied again, without saying what it was: a run''s id, or a workflow id up to the moment of erasing.';

COMMENT ON COLUMN public.erased_runs.digest IS 'Of the id, with the project''s key.';

COMMENT ON COLUMN public.erased_runs.started_at IS 'When the run started, so that it is counted when the number of runs is compared with Temporal''s. Null: a workflow id.';

CREATE TABLE public.execution_keys (
    connection_id uuid NOT NULL,
    temporal_run_id text NOT NULL,
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL
);

ALTER TABLE ONLY public.execution_keys FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.execution_keys IS 'A run is one execution however often it is discovered.';

CREATE TABLE public.execution_search_attributes (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    name text NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    type text NOT NULL,
    text_value text,
    int_value bigint,
    double_value double precision,
    bool_value boolean,
    time_value timestamp with time zone
);

ALTER TABLE ONLY public.execution_search_attributes FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.execution_search_attributes."position" IS 'Which value of a keyword list; 0 for single values.';

CREATE TABLE public.followed_executions (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    watched_until timestamp with time zone,
    retrying_until timestamp with time zone,
    holder uuid,
    leased_until timestamp with time zone,
    confirmed_at timestamp with time zone
);

ALTER TABLE ONLY public.followed_executions FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.followed_executions IS 'Runs that one process stays with, by a lease.';

COMMENT ON COLUMN public.followed_executions.watched_until IS 'Somebody looked at the run a moment ago; until then that counts.';

COMMENT ON COLUMN public.followed_executions.retrying_until IS 'An activity of it was being retried when it was last copied.';

COMMENT ON COLUMN public.followed_executions.holder IS 'The process that follows it, while leased_until is to come.';

COMMENT ON COLUMN public.followed_executions.confirmed_at IS 'When the holder last saw that the copy equals Temporal.';

CREATE TABLE public.history_pages (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    first_event_id bigint NOT NULL,
    last_event_id bigint NOT NULL,
    data bytea NOT NULL,
    redaction_revision bigint DEFAULT 0 NOT NULL,
    is_redacted boolean DEFAULT false NOT NULL,
    CONSTRAINT history_pages_check CHECK ((first_event_id <= last_event_id))
);
ALTER TABLE ONLY public.history_pages ALTER COLUMN data SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.history_pages FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.history_pages IS 'The full Temporal history: zstd-compressed protobuf, append-only.';

COMMENT ON COLUMN public.history_pages.redaction_revision IS 'Of the rules that were applied before the page was stored.';

COMMENT ON COLUMN public.history_pages.is_redacted IS 'Something in it was hidden: it is not what Temporal holds.';

CREATE TABLE public.installation_log (
    id uuid DEFAULT uuidv7() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    user_id uuid,
    user_name text,
    action text NOT NULL,
    target text NOT NULL,
    details jsonb NOT NULL
);

ALTER TABLE ONLY public.installation_log FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.installation_log IS 'Who signed in, and what was done to people and their tokens. Lines are added by triggers and never changed.';

COMMENT ON COLUMN public.installation_log.user_name IS 'As they were called then. Null: somebody at the command line.';

CREATE TABLE public.listing_windows (
    project_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    connection_id uuid NOT NULL,
    of text NOT NULL,
    from_at timestamp with time zone,
    to_at timestamp with time zone,
    is_shared boolean NOT NULL,
    CONSTRAINT listing_windows_of_check CHECK ((of = ANY (ARRAY['started'::text, 'closed'::text])))
);

ALTER TABLE ONLY public.listing_windows FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.listing_windows IS 'Stretches of time whose runs are still to be listed: what was too much for one look, after a time without us for instance, and where a comparison found a difference. Each goes when it has been listed to its end.';

COMMENT ON COLUMN public.listing_windows.from_at IS 'Included; null: from the beginning.';

COMMENT ON COLUMN public.listing_windows.to_at IS 'Excluded; null: without an end.';

COMMENT ON COLUMN public.listing_windows.is_shared IS 'Listed for all connections that are listed together with this one.';

CREATE TABLE public.node_journal (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    event_id bigint NOT NULL,
    "position" integer NOT NULL,
    node_id text NOT NULL,
    iteration integer[] NOT NULL,
    state text NOT NULL,
    at timestamp with time zone,
    port text,
    output text,
    cut boolean NOT NULL,
    error text,
    item_count integer,
    CONSTRAINT node_journal_state_check CHECK ((state = ANY (ARRAY['started'::text, 'completed'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.node_journal FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.node_journal IS 'What happened to nodes of built runs that have no event of their own: branches, joins, approvals, skipped nodes and so on.';

COMMENT ON COLUMN public.node_journal.event_id IS 'Of the memo upsert that tells it; position counts inside it, from 0.';

COMMENT ON COLUMN public.node_journal.iteration IS 'Which item of the loops around the node, outermost first. Empty outside of loops.';

COMMENT ON COLUMN public.node_journal.output IS 'JSON, where it is small; cut says that there was more.';

CREATE TABLE public.oidc_sign_ins (
    browser_hash bytea NOT NULL,
    state text NOT NULL,
    nonce text NOT NULL,
    code_verifier text NOT NULL,
    redirect_uri text NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.oidc_sign_ins FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.oidc_sign_ins IS 'Sign-ins that are at the OpenID provider; each ends with its first answer.';

CREATE TABLE public.patrols (
    project_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    open_runs bigint NOT NULL,
    full_round_seconds double precision NOT NULL,
    patrolled_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.patrols FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.patrols IS 'How far the look at each connection''s open runs has come.';

COMMENT ON COLUMN public.patrols.full_round_seconds IS 'How long it takes until each open run has been looked at once.';

CREATE TABLE public.project_keys (
    project_id uuid NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL
);

ALTER TABLE ONLY public.project_keys FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.project_keys IS 'What the marks of hidden values and the traces of erased runs are made with, encrypted with the installation''s key.';

COMMENT ON COLUMN public.project_keys.key_id IS 'Which key it was encrypted with, so that keys can be replaced.';

CREATE TABLE public.project_members (
    project_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL,
    sees_payloads boolean DEFAULT true NOT NULL,
    from_group text,
    CONSTRAINT owners_see_payloads CHECK ((sees_payloads OR (role <> 'owner'::text))),
    CONSTRAINT project_members_from_group_check CHECK ((from_group <> ''::text)),
    CONSTRAINT project_members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'editor'::text, 'viewer'::text])))
);

ALTER TABLE ONLY public.project_members FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.project_members.sees_payloads IS 'May see the values that the project''s runs handled.';

COMMENT ON COLUMN public.project_members.from_group IS 'The OpenID provider''s group that brings this membership, at each sign-in. Null: made by hand.';

CREATE TABLE public.project_retention (
    project_id uuid NOT NULL,
    keep_days integer,
    rows_from timestamp with time zone,
    closed_before timestamp with time zone,
    removed_runs bigint DEFAULT 0 NOT NULL,
    passed_at timestamp with time zone,
    claimed_until timestamp with time zone,
    CONSTRAINT project_retention_keep_days_check CHECK (((keep_days >= 1) AND (keep_days <= 36500)))
);

ALTER TABLE ONLY public.project_retention FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.project_retention IS 'How long a project keeps its runs; no row: for ever, and none were removed.';

COMMENT ON COLUMN public.project_retention.keep_days IS 'So many days after they ended. Null: for ever.';

COMMENT ON COLUMN public.project_retention.rows_from IS 'A month in UTC, which only rises: of what started before, figures are those of roll-ups. Null: of nothing.';

COMMENT ON COLUMN public.project_retention.closed_before IS 'It only rises: runs that started before rows_from and ended before this are not copied (again).';

COMMENT ON COLUMN public.project_retention.passed_at IS 'When the last round of removing was over.';

COMMENT ON COLUMN public.project_retention.claimed_until IS 'A worker removes, and goes on saying so; null: none does.';

CREATE TABLE public.project_statistics (
    project_id uuid CONSTRAINT workflow_statistics_project_id_not_null NOT NULL,
    total_runs bigint CONSTRAINT workflow_statistics_total_runs_not_null NOT NULL,
    top_level_runs bigint CONSTRAINT workflow_statistics_top_level_runs_not_null NOT NULL,
    running_runs bigint CONSTRAINT workflow_statistics_running_runs_not_null NOT NULL,
    completed_runs bigint CONSTRAINT workflow_statistics_completed_runs_not_null NOT NULL,
    failed_runs bigint CONSTRAINT workflow_statistics_failed_runs_not_null NOT NULL,
    cancelled_runs bigint CONSTRAINT workflow_statistics_cancelled_runs_not_null NOT NULL,
    terminated_runs bigint CONSTRAINT workflow_statistics_terminated_runs_not_null NOT NULL,
    timed_out_runs bigint CONSTRAINT workflow_statistics_timed_out_runs_not_null NOT NULL,
    continued_as_new_runs bigint CONSTRAINT workflow_statistics_continued_as_new_runs_not_null NOT NULL,
    unknown_runs bigint CONSTRAINT workflow_statistics_unknown_runs_not_null NOT NULL,
    retried_runs bigint CONSTRAINT workflow_statistics_retried_runs_not_null NOT NULL,
    error_runs bigint CONSTRAINT workflow_statistics_error_runs_not_null NOT NULL,
    detailed_runs bigint CONSTRAINT workflow_statistics_detailed_runs_not_null NOT NULL,
    duration_count bigint CONSTRAINT workflow_statistics_duration_count_not_null NOT NULL,
    duration_sum_ms numeric CONSTRAINT workflow_statistics_duration_sum_ms_not_null NOT NULL
);

ALTER TABLE ONLY public.project_statistics FORCE ROW LEVEL SECURITY;

CREATE TABLE public.projects (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    service_networks text[] DEFAULT '{}'::text[] NOT NULL,
    redaction_rules text,
    redaction_revision bigint DEFAULT 0 NOT NULL,
    CONSTRAINT projects_name_check CHECK ((name <> ''::text))
);

ALTER TABLE ONLY public.projects FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.projects.service_networks IS 'Networks (CIDR) that are not public and that nodes of built workflows may reach all the same.';

COMMENT ON COLUMN public.projects.redaction_rules IS 'JSON: what is hidden in values before they are stored. Null: nothing.';

COMMENT ON COLUMN public.projects.redaction_revision IS 'Goes up whenever the rules change.';

CREATE TABLE public.removed_errors (
    project_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    day timestamp with time zone NOT NULL,
    error_group text NOT NULL,
    deployment_name text NOT NULL,
    build_id text NOT NULL,
    version bigint NOT NULL,
    is_top_level boolean NOT NULL,
    count bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    error_type text,
    failed_step text
);

ALTER TABLE ONLY public.removed_errors FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.removed_errors IS 'How many runs of a group of errors, which are no longer kept, started on a day in UTC. No message: it may hold values.';

COMMENT ON COLUMN public.removed_errors.deployment_name IS 'Empty: of none; so is build_id. 0 is no version.';

COMMENT ON COLUMN public.removed_errors.first_at IS 'When the first of these runs started; last_at: the last.';

COMMENT ON COLUMN public.removed_errors.failed_step IS 'Of one of these runs, as in workflow_executions.';

CREATE TABLE public.rollup_checks (
    project_id uuid NOT NULL,
    claimed_until timestamp with time zone,
    checked_at timestamp with time zone,
    release text,
    compared_buckets bigint DEFAULT 0 NOT NULL,
    differing_buckets bigint DEFAULT 0 NOT NULL,
    drifted_at timestamp with time zone,
    rebuilt_at timestamp with time zone
);

ALTER TABLE ONLY public.rollup_checks FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.rollup_checks IS 'How the last comparison of a project''s stored figures with its runs came out.';

COMMENT ON COLUMN public.rollup_checks.claimed_until IS 'A worker compares, and goes on saying so; null: none does.';

COMMENT ON COLUMN public.rollup_checks.checked_at IS 'When the last comparison was over; null: none was yet.';

COMMENT ON COLUMN public.rollup_checks.release IS 'The version of Watchglass that compared.';

COMMENT ON COLUMN public.rollup_checks.drifted_at IS 'When figures that differed were found last.';

COMMENT ON COLUMN public.rollup_checks.rebuilt_at IS 'When figures that differed were made anew last.';

CREATE TABLE public.rollup_components (
    project_id uuid NOT NULL,
    series uuid NOT NULL,
    id integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    node_id text NOT NULL,
    task_queue text NOT NULL
);

ALTER TABLE ONLY public.rollup_components FORCE ROW LEVEL SECURITY;

CREATE TABLE public.rollup_projects (
    project_id uuid NOT NULL,
    rolled_up_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.rollup_projects FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.rollup_projects IS 'Projects whose roll-ups were made from their rows. The figures of any other are counted from the rows.';

CREATE TABLE public.rollup_splits (
    project_id uuid NOT NULL,
    series uuid NOT NULL,
    grain smallint NOT NULL,
    bucket timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.rollup_splits FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.rollup_splits IS 'Buckets that are kept in the next finer grain too. The others hold so few executions that their rows are read.';

COMMENT ON COLUMN public.rollup_splits.grain IS '1 hour, 2 day, 3 month, 4 year; a year is kept in months for components only.';

CREATE TABLE public.rollup_variants (
    project_id uuid NOT NULL,
    series uuid NOT NULL,
    id integer NOT NULL,
    task_queue text NOT NULL,
    deployment_name text NOT NULL,
    build_id text NOT NULL,
    version integer NOT NULL,
    is_top_level boolean NOT NULL
);

ALTER TABLE ONLY public.rollup_variants FORCE ROW LEVEL SECURITY;

CREATE TABLE public.run_changes (
    id uuid DEFAULT uuidv7() NOT NULL,
    project_id uuid NOT NULL,
    series uuid NOT NULL,
    bucket timestamp with time zone NOT NULL,
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
    is_totalled boolean NOT NULL
);

ALTER TABLE ONLY public.run_changes FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.run_changes IS 'What is not folded into run_rollups yet, by the minute in which executions started.';

COMMENT ON COLUMN public.run_changes.is_correction IS 'Takes away what was counted before: its extremes are those that are lost.';

COMMENT ON COLUMN public.run_changes.is_totalled IS 'Whether workflow_statistics and project_statistics have it already.';

CREATE TABLE public.run_descriptions (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    described_at timestamp with time zone NOT NULL,
    answer bytea NOT NULL,
    task_queues text NOT NULL,
    last_polls text
);
ALTER TABLE ONLY public.run_descriptions ALTER COLUMN answer SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.run_descriptions FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.run_descriptions IS 'What Describe said when a run was last copied, where it was asked: zstd-compressed protobuf. With the history it is all that the other rows are derived from.';

COMMENT ON COLUMN public.run_descriptions.task_queues IS 'JSON: [has the run''s own queue pollers, or null where nobody asked; [queues of its activities that have none]].';

COMMENT ON COLUMN public.run_descriptions.last_polls IS 'JSON: microseconds since 1970, by the server''s clock, when a worker last asked each task queue that none takes from.';

CREATE TABLE public.run_rollups (
    project_id uuid NOT NULL,
    series uuid NOT NULL,
    grain smallint NOT NULL,
    bucket timestamp with time zone NOT NULL,
    variant integer NOT NULL,
    total_runs bigint NOT NULL,
    running_runs bigint,
    completed_runs bigint,
    failed_runs bigint,
    cancelled_runs bigint,
    terminated_runs bigint,
    timed_out_runs bigint,
    continued_as_new_runs bigint,
    unknown_runs bigint,
    retried_runs bigint,
    error_runs bigint,
    detailed_runs bigint,
    duration_count bigint,
    duration_sum_ms numeric,
    duration_min_ms double precision,
    duration_max_ms double precision,
    bins smallint[] NOT NULL,
    bin_counts bigint[]
);

ALTER TABLE ONLY public.run_rollups FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.run_rollups IS 'Of counts and sums, null is 0.';

COMMENT ON COLUMN public.run_rollups.series IS 'The workflow, or the project itself: all of its workflows together.';

COMMENT ON COLUMN public.run_rollups.grain IS '0 minute, 1 hour, 2 day, 3 month; in UTC, by the start of the execution.';

COMMENT ON COLUMN public.run_rollups.variant IS 'See rollup_variants. Beyond the most that are told apart: -1 for top-level executions, -2 for children.';

COMMENT ON COLUMN public.run_rollups.bins IS 'Codes of the duration histogram (statistics/histogram.py). One without a count is one duration, and may repeat.';

COMMENT ON COLUMN public.run_rollups.bin_counts IS 'How many of each code; null: one of each.';

CREATE TABLE public.schedules (
    project_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    connection_id uuid NOT NULL,
    schedule_id text NOT NULL,
    schedule_key bytea,
    workflow_type text NOT NULL,
    words text NOT NULL,
    spec text NOT NULL,
    is_paused boolean NOT NULL,
    note text NOT NULL,
    next_runs timestamp with time zone[] NOT NULL,
    last_runs jsonb NOT NULL,
    entry_hash bytea NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    gone_at timestamp with time zone,
    described_hash bytea,
    described_at timestamp with time zone,
    describing_at timestamp with time zone,
    temporal_workflow_id text,
    overlap text,
    catchup_window_seconds double precision,
    action_count bigint,
    missed_count bigint,
    overlap_skipped_count bigint,
    buffer_dropped_count bigint,
    error text,
    created_at timestamp with time zone,
    updated_at timestamp with time zone
);

ALTER TABLE ONLY public.schedules FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.schedules.schedule_id IS 'As shown; schedule_key has its own bytes where the two differ.';

COMMENT ON COLUMN public.schedules.words IS 'When it runs, in words; spec has the same as Temporal''s JSON.';

COMMENT ON COLUMN public.schedules.last_runs IS 'Newest first: [{workflowId, runId, dueAt, startedAt}].';

COMMENT ON COLUMN public.schedules.entry_hash IS 'Of its line in Temporal''s list. Equal to described_hash: nothing has changed since it was described.';

COMMENT ON COLUMN public.schedules.gone_at IS 'When Temporal was found to have deleted it; the row stays.';

COMMENT ON COLUMN public.schedules.describing_at IS 'When Temporal was last asked to describe it, whether it did or not.';

COMMENT ON COLUMN public.schedules.action_count IS 'This and the other counts: Temporal''s own, since the schedule was created; null before it was described.';

CREATE TABLE public.service_secrets (
    project_id uuid NOT NULL,
    service_id uuid NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL
);

ALTER TABLE ONLY public.service_secrets FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.service_secrets IS 'How services are signed in to, encrypted with the installation''s key.';

CREATE TABLE public.services (
    project_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    settings jsonb NOT NULL,
    has_secret boolean NOT NULL,
    tested_at timestamp with time zone,
    test_error text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT services_kind_check CHECK ((kind = ANY (ARRAY['postgres'::text, 'http'::text])))
);

ALTER TABLE ONLY public.services FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.services IS 'Databases and HTTP services that nodes reach by name. No secret is in the settings.';

CREATE TABLE public.sessions (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    id uuid DEFAULT uuidv7(),
    method text DEFAULT 'link'::text NOT NULL,
    user_agent text,
    address text,
    CONSTRAINT sessions_method_check CHECK ((method = ANY (ARRAY['link'::text, 'password'::text, 'oidc'::text])))
);

ALTER TABLE ONLY public.sessions FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.sessions.id IS 'What people name it by; the hash opens the door.';

COMMENT ON COLUMN public.sessions.address IS 'The network that it was opened from, not the whole address.';

CREATE TABLE public.sign_in_links (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

ALTER TABLE ONLY public.sign_in_links FORCE ROW LEVEL SECURITY;

CREATE TABLE public.sign_in_tries (
    key bytea NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    try_id uuid NOT NULL
);

ALTER TABLE ONLY public.sign_in_tries FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.sign_in_tries IS 'Tries of the last minutes, under the SHA-256 of the account, the address, or all of them.';

CREATE TABLE public.sync_gaps (
    project_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    connection_id uuid NOT NULL,
    from_at timestamp with time zone NOT NULL,
    to_at timestamp with time zone NOT NULL,
    missing_runs bigint,
    noticed_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.sync_gaps FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.sync_gaps IS 'Times in which Temporal deleted runs before they could be copied.';

CREATE TABLE public.task_queue_statistics (
    project_id uuid NOT NULL,
    task_queue text NOT NULL,
    total_runs bigint NOT NULL
);

ALTER TABLE ONLY public.task_queue_statistics FORCE ROW LEVEL SECURITY;

CREATE TABLE public.task_queues (
    project_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    is_polled boolean NOT NULL,
    newest_poll_at timestamp with time zone,
    poll_seen_at timestamp with time zone,
    silent_since timestamp with time zone,
    checked_at timestamp with time zone NOT NULL,
    stirred_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT task_queues_check CHECK ((is_polled = (silent_since IS NULL))),
    CONSTRAINT task_queues_kind_check CHECK ((kind = ANY (ARRAY['workflow'::text, 'activity'::text])))
);

ALTER TABLE ONLY public.task_queues FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.task_queues IS 'The task queues that open runs use, and whether a worker takes work from them.';

COMMENT ON COLUMN public.task_queues.is_polled IS 'Whether a worker takes work from it.';

COMMENT ON COLUMN public.task_queues.newest_poll_at IS 'When a worker last asked for work, by the server''s clock.';

COMMENT ON COLUMN public.task_queues.poll_seen_at IS 'When we last saw newest_poll_at change, by our clock: the two are never compared.';

COMMENT ON COLUMN public.task_queues.stirred_at IS 'When the server last showed that tasks came into the queue or were taken from it, or nobody had looked for too long.';

CREATE TABLE public.undecoded_runs (
    project_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    error text NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    next_try_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.undecoded_runs FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.undecoded_runs IS 'Runs whose values were stored as Temporal holds them, although their connection has them decoded at sync.';

COMMENT ON COLUMN public.undecoded_runs.failures IS 'Later tries that failed too.';

CREATE TABLE public.user_identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_used_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.user_identities FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.user_identities IS 'Who somebody is to an OpenID provider; e-mail addresses change hands, these do not.';

CREATE TABLE public.users (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    password_hash text,
    email text,
    is_admin boolean DEFAULT false NOT NULL,
    disabled_at timestamp with time zone,
    CONSTRAINT users_email_check CHECK ((email <> ''::text)),
    CONSTRAINT users_name_check CHECK ((name <> ''::text))
);

ALTER TABLE ONLY public.users FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.users.password_hash IS 'Argon2id with its parameters. Null: this person signs in otherwise.';

COMMENT ON COLUMN public.users.is_admin IS 'May manage the people of the installation; says nothing about projects.';

COMMENT ON COLUMN public.users.disabled_at IS 'From then on nothing of theirs opens the door.';

CREATE TABLE public.workflow_drafts (
    project_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    graph json NOT NULL,
    revision bigint NOT NULL,
    based_on integer,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_by uuid,
    updated_by_name text,
    CONSTRAINT workflow_drafts_revision_check CHECK ((revision > 0))
);

ALTER TABLE ONLY public.workflow_drafts FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.workflow_drafts IS 'The one draft of a built workflow, saved while it is edited.';

COMMENT ON COLUMN public.workflow_drafts.revision IS 'Goes up with every save. Whoever saves says which one they have changed.';

COMMENT ON COLUMN public.workflow_drafts.based_on IS 'The version that it was last equal to. Null: there was none.';

COMMENT ON COLUMN public.workflow_drafts.updated_by_name IS 'As they were called then.';

CREATE TABLE public.workflow_executions (
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
    is_retried boolean DEFAULT false NOT NULL,
    schedule_id text,
    run_attempt integer DEFAULT 1 NOT NULL,
    status text NOT NULL,
    phase text,
    problem text,
    problem_detail text,
    started_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
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
    lifecycle text DEFAULT '[]'::text NOT NULL,
    current_step text,
    failed_step text,
    step_statuses text[] DEFAULT '{}'::text[] NOT NULL,
    component_count integer DEFAULT 0 NOT NULL,
    failed_component_count integer DEFAULT 0 NOT NULL,
    retry_count integer DEFAULT 0 NOT NULL,
    unexpected_retry_count integer DEFAULT 0 NOT NULL,
    unexpected_failure_count integer DEFAULT 0 NOT NULL,
    history_length bigint DEFAULT 0 NOT NULL,
    history_bytes bigint,
    unknown_event_count integer DEFAULT 0 NOT NULL,
    detail_state text DEFAULT 'none'::text NOT NULL,
    synced_event_id bigint DEFAULT 0 NOT NULL,
    synced_at timestamp with time zone,
    sync_status text DEFAULT 'pending'::text NOT NULL,
    sync_error text,
    sync_failures integer DEFAULT 0 NOT NULL,
    next_sync_at timestamp with time zone,
    is_final boolean DEFAULT false NOT NULL,
    missing_since timestamp with time zone,
    source_checked_at timestamp with time zone,
    source_gone_at timestamp with time zone,
    derived_version integer DEFAULT 0 NOT NULL,
    origin text,
    reset_from_run_id text,
    stopped_by_reset boolean DEFAULT false NOT NULL,
    called_by text,
    deployment_name text,
    versioning text,
    backfill_id uuid,
    problem_since timestamp with time zone,
    set_aside_at timestamp with time zone,
    version integer,
    patrolled_at timestamp with time zone,
    error_group text DEFAULT ''::text NOT NULL,
    content_revision bigint DEFAULT 0 NOT NULL,
    CONSTRAINT workflow_executions_detail_state_check CHECK ((detail_state = ANY (ARRAY['none'::text, 'partial'::text, 'complete'::text]))),
    CONSTRAINT workflow_executions_origin_check CHECK ((origin = ANY (ARRAY['first'::text, 'carried_on'::text, 'retried'::text, 'cron'::text, 'reset'::text]))),
    CONSTRAINT workflow_executions_phase_check CHECK ((phase = ANY (ARRAY['not_started'::text, 'working'::text, 'retrying'::text, 'waiting'::text, 'stuck'::text]))),
    CONSTRAINT workflow_executions_problem_check CHECK ((problem = ANY (ARRAY['workflow_task_failing'::text, 'no_worker'::text, 'activity_stuck'::text, 'history_near_limit'::text]))),
    CONSTRAINT workflow_executions_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'paused'::text, 'completed'::text, 'failed'::text, 'cancelled'::text, 'terminated'::text, 'timed_out'::text, 'continued_as_new'::text, 'unknown'::text]))),
    CONSTRAINT workflow_executions_sync_status_check CHECK ((sync_status = ANY (ARRAY['pending'::text, 'synced'::text, 'failed'::text, 'set_aside'::text, 'gone'::text]))),
    CONSTRAINT workflow_executions_versioning_check CHECK ((versioning = ANY (ARRAY['pinned'::text, 'auto_upgrade'::text])))
);

ALTER TABLE ONLY public.workflow_executions FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.workflow_executions.temporal_workflow_key IS 'The workflow id as Temporal holds it, where it has characters that text cannot carry.';

COMMENT ON COLUMN public.workflow_executions.synced_event_id IS 'The newest history event that is stored; it never decreases.';

COMMENT ON COLUMN public.workflow_executions.next_sync_at IS 'The queue: when the run is due to be synced. Null: never.';

COMMENT ON COLUMN public.workflow_executions.missing_since IS 'When Temporal first said it does not have the run; believed when it says so again a minute later.';

COMMENT ON COLUMN public.workflow_executions.origin IS 'What made the run start. Null until its history is copied.';

COMMENT ON COLUMN public.workflow_executions.stopped_by_reset IS 'Terminated by the server because a run of the same workflow id was reset, which need not have been this one.';

COMMENT ON COLUMN public.workflow_executions.called_by IS 'The Nexus operation that started the run: [namespace, workflow id, run id, event id].';

COMMENT ON COLUMN public.workflow_executions.backfill_id IS 'The job that put the run into the queue, until it is copied: such runs wait behind those that are new.';

COMMENT ON COLUMN public.workflow_executions.problem_since IS 'When the problem was first seen; it stays while syncs find the same problem.';

COMMENT ON COLUMN public.workflow_executions.set_aside_at IS 'Since when it is set aside, because it could not be copied ten times over.';

COMMENT ON COLUMN public.workflow_executions.version IS 'Which version of a built workflow ran, as the run''s memo says. Null for others.';

COMMENT ON COLUMN public.workflow_executions.patrolled_at IS 'When the patrol last asked about the run, while it is open.';

COMMENT ON COLUMN public.workflow_executions.error_group IS 'A key of error type, message and failed step without their changing parts; empty where no error is known.';

COMMENT ON COLUMN public.workflow_executions.content_revision IS 'Rises whenever the stored history is replaced or redacted, and when rows are derived again; not as it grows.';

CREATE TABLE public.workflow_statistics (
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
    duration_sum_ms numeric NOT NULL
);

ALTER TABLE ONLY public.workflow_statistics FORCE ROW LEVEL SECURITY;

CREATE TABLE public.workflow_versions (
    project_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    version integer NOT NULL,
    graph json NOT NULL,
    note text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by uuid,
    created_by_name text,
    CONSTRAINT workflow_versions_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY public.workflow_versions FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.workflow_versions IS 'What runs are pinned to: never changed.';

COMMENT ON COLUMN public.workflow_versions.created_by_name IS 'As they were called then.';

CREATE TABLE public.workflows (
    project_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    temporal_type text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    level text,
    connection_id uuid,
    rules jsonb,
    CONSTRAINT workflows_kind_check CHECK ((kind = ANY (ARRAY['built'::text, 'observed'::text]))),
    CONSTRAINT workflows_level_check CHECK ((level = ANY (ARRAY['list'::text, 'viewed'::text, 'failed'::text, 'all'::text])))
);

ALTER TABLE ONLY public.workflows FORCE ROW LEVEL SECURITY;

COMMENT ON COLUMN public.workflows.level IS 'How much of this workflow''s runs is copied. Null: as the connection says.';

COMMENT ON COLUMN public.workflows.connection_id IS 'Where a built workflow runs. Null for observed ones.';

COMMENT ON COLUMN public.workflows.rules IS 'Of a graph that somebody else''s interpreter runs: which runs are its own, and which activity is which node. Null: Watchglass runs it.';

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (project_id, id);

ALTER TABLE ONLY public.backfills
    ADD CONSTRAINT backfills_id_key UNIQUE (id);

ALTER TABLE ONLY public.backfills
    ADD CONSTRAINT backfills_pkey PRIMARY KEY (project_id, id);

ALTER TABLE ONLY public.call_budgets
    ADD CONSTRAINT call_budgets_pkey PRIMARY KEY (address, namespace, kind);

ALTER TABLE ONLY public.component_attempts
    ADD CONSTRAINT component_attempts_pkey PRIMARY KEY (project_id, execution_id, event_id, seen_no);

ALTER TABLE ONLY public.component_changes
    ADD CONSTRAINT component_changes_pkey PRIMARY KEY (project_id, id);

ALTER TABLE ONLY public.component_executions
    ADD CONSTRAINT component_executions_pkey PRIMARY KEY (project_id, execution_id, event_id);

ALTER TABLE ONLY public.component_rollups
    ADD CONSTRAINT component_rollups_pkey PRIMARY KEY (project_id, series, grain, bucket, component, variant);

ALTER TABLE ONLY public.component_statistics
    ADD CONSTRAINT component_statistics_pkey PRIMARY KEY (project_id, workflow_id, kind, name);

ALTER TABLE ONLY public.components
    ADD CONSTRAINT components_pkey PRIMARY KEY (project_id, type);

ALTER TABLE ONLY public.connection_credentials
    ADD CONSTRAINT connection_credentials_pkey PRIMARY KEY (project_id, connection_id);

ALTER TABLE ONLY public.connections
    ADD CONSTRAINT connections_id_key UNIQUE (id);

ALTER TABLE ONLY public.connections
    ADD CONSTRAINT connections_pkey PRIMARY KEY (project_id, id);

ALTER TABLE ONLY public.connections
    ADD CONSTRAINT connections_project_id_address_namespace_key UNIQUE (project_id, address, namespace);

ALTER TABLE ONLY public.erased_runs
    ADD CONSTRAINT erased_runs_pkey PRIMARY KEY (project_id, connection_id, digest);

ALTER TABLE ONLY public.execution_keys
    ADD CONSTRAINT execution_keys_pkey PRIMARY KEY (connection_id, temporal_run_id);

ALTER TABLE ONLY public.execution_keys
    ADD CONSTRAINT execution_keys_project_id_execution_id_key UNIQUE (project_id, execution_id);

ALTER TABLE ONLY public.execution_search_attributes
    ADD CONSTRAINT execution_search_attributes_pkey PRIMARY KEY (project_id, execution_id, name, "position");

ALTER TABLE ONLY public.followed_executions
    ADD CONSTRAINT followed_executions_pkey PRIMARY KEY (project_id, execution_id);

ALTER TABLE ONLY public.history_pages
    ADD CONSTRAINT history_pages_pkey PRIMARY KEY (project_id, execution_id, first_event_id);

ALTER TABLE ONLY public.installation_log
    ADD CONSTRAINT installation_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.listing_windows
    ADD CONSTRAINT listing_windows_pkey PRIMARY KEY (project_id, id);

ALTER TABLE ONLY public.listing_windows
    ADD CONSTRAINT listing_windows_project_id_connection_id_of_from_at_to_at_key UNIQUE NULLS NOT DISTINCT (project_id, connection_id, of, from_at, to_at);

ALTER TABLE ONLY public.node_journal
    ADD CONSTRAINT node_journal_pkey PRIMARY KEY (project_id, execution_id, event_id, "position");

ALTER TABLE ONLY public.oidc_sign_ins
    ADD CONSTRAINT oidc_sign_ins_pkey PRIMARY KEY (browser_hash);

ALTER TABLE ONLY public.patrols
    ADD CONSTRAINT patrols_pkey PRIMARY KEY (project_id, connection_id);

ALTER TABLE ONLY public.project_keys
    ADD CONSTRAINT project_keys_pkey PRIMARY KEY (project_id);

ALTER TABLE ONLY public.project_members
    ADD CONSTRAINT project_members_pkey PRIMARY KEY (project_id, user_id);

ALTER TABLE ONLY public.project_retention
    ADD CONSTRAINT project_retention_pkey PRIMARY KEY (project_id);

ALTER TABLE ONLY public.project_statistics
    ADD CONSTRAINT project_statistics_pkey PRIMARY KEY (project_id);

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.removed_errors
    ADD CONSTRAINT removed_errors_pkey PRIMARY KEY (project_id, workflow_id, day, error_group, deployment_name, build_id, version, is_top_level);

ALTER TABLE ONLY public.rollup_checks
    ADD CONSTRAINT rollup_checks_pkey PRIMARY KEY (project_id);

ALTER TABLE ONLY public.rollup_components
    ADD CONSTRAINT rollup_components_pkey PRIMARY KEY (project_id, series, id);

ALTER TABLE ONLY public.rollup_projects
    ADD CONSTRAINT rollup_projects_pkey PRIMARY KEY (project_id);

ALTER TABLE ONLY public.rollup_splits
    ADD CONSTRAINT rollup_splits_pkey PRIMARY KEY (project_id, series, grain, bucket);

ALTER TABLE ONLY public.rollup_variants
    ADD CONSTRAINT rollup_variants_pkey PRIMARY KEY (project_id, series, id);

ALTER TABLE ONLY public.run_changes
    ADD CONSTRAINT run_changes_pkey PRIMARY KEY (project_id, id);

ALTER TABLE ONLY public.run_descriptions
    ADD CONSTRAINT run_descriptions_pkey PRIMARY KEY (project_id, execution_id);

ALTER TABLE ONLY public.run_rollups
    ADD CONSTRAINT run_rollups_pkey PRIMARY KEY (project_id, series, grain, bucket, variant);

ALTER TABLE ONLY public.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (project_id, id);

ALTER TABLE ONLY public.schedules
    ADD CONSTRAINT schedules_project_id_connection_id_schedule_id_key UNIQUE (project_id, connection_id, schedule_id);

ALTER TABLE ONLY public.service_secrets
    ADD CONSTRAINT service_secrets_pkey PRIMARY KEY (project_id, service_id);

ALTER TABLE ONLY public.services
    ADD CONSTRAINT services_pkey PRIMARY KEY (project_id, id);

ALTER TABLE ONLY public.services
    ADD CONSTRAINT services_project_id_name_key UNIQUE (project_id, name);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.sign_in_links
    ADD CONSTRAINT sign_in_links_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.sign_in_tries
    ADD CONSTRAINT sign_in_tries_pkey PRIMARY KEY (key, at, try_id);

ALTER TABLE ONLY public.sync_gaps
    ADD CONSTRAINT sync_gaps_pkey PRIMARY KEY (project_id, id);

ALTER TABLE ONLY public.sync_gaps
    ADD CONSTRAINT sync_gaps_project_id_connection_id_from_at_key UNIQUE (project_id, connection_id, from_at);

ALTER TABLE ONLY public.task_queue_statistics
    ADD CONSTRAINT task_queue_statistics_pkey PRIMARY KEY (project_id, task_queue);

ALTER TABLE ONLY public.task_queues
    ADD CONSTRAINT task_queues_pkey PRIMARY KEY (project_id, connection_id, name, kind);

ALTER TABLE ONLY public.undecoded_runs
    ADD CONSTRAINT undecoded_runs_pkey PRIMARY KEY (project_id, execution_id);

ALTER TABLE ONLY public.user_identities
    ADD CONSTRAINT user_identities_pkey PRIMARY KEY (issuer, subject);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_name_key UNIQUE (name);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.workflow_drafts
    ADD CONSTRAINT workflow_drafts_pkey PRIMARY KEY (project_id, workflow_id);

ALTER TABLE ONLY public.workflow_executions
    ADD CONSTRAINT workflow_executions_pkey PRIMARY KEY (project_id, id);

ALTER TABLE ONLY public.workflow_statistics
    ADD CONSTRAINT workflow_statistics_pkey PRIMARY KEY (project_id, workflow_id);

ALTER TABLE ONLY public.workflow_versions
    ADD CONSTRAINT workflow_versions_pkey PRIMARY KEY (project_id, workflow_id, version);

ALTER TABLE ONLY public.workflows
    ADD CONSTRAINT workflows_id_key UNIQUE (id);

ALTER TABLE ONLY public.workflows
    ADD CONSTRAINT workflows_pkey PRIMARY KEY (project_id, id);

ALTER TABLE ONLY public.workflows
    ADD CONSTRAINT workflows_project_id_kind_name_key UNIQUE (project_id, kind, name);

CREATE UNIQUE INDEX api_tokens_by_id ON public.api_tokens USING btree (id);

CREATE INDEX api_tokens_by_project ON public.api_tokens USING btree (project_id) WHERE (project_id IS NOT NULL);

CREATE INDEX api_tokens_by_user ON public.api_tokens USING btree (user_id);

CREATE INDEX audit_log_changes ON public.audit_log USING btree (project_id, at DESC, id DESC) WHERE (action <> 'values.see'::text);

CREATE INDEX audit_log_newest ON public.audit_log USING btree (project_id, at DESC, id DESC);

CREATE UNIQUE INDEX audit_log_values_seen ON public.audit_log USING btree (project_id, user_id, target, date_trunc('hour'::text, (at AT TIME ZONE 'UTC'::text))) WHERE (action = 'values.see'::text);

CREATE INDEX backfills_of_connection ON public.backfills USING btree (connection_id, created_at);

CREATE INDEX backfills_unfinished ON public.backfills USING btree (created_at) WHERE (phase <> 'over'::text);

CREATE INDEX component_changes_of_series ON public.component_changes USING btree (project_id, series, bucket);

CREATE INDEX component_executions_by_component ON public.component_executions USING btree (project_id, name, kind, status, reason);

CREATE INDEX component_executions_nodes ON public.component_executions USING btree (project_id, execution_id, node_id, iteration) INCLUDE (status, event_id) WHERE (iteration IS NOT NULL);

CREATE INDEX component_executions_open_activities ON public.component_executions USING btree (project_id, execution_id, task_queue) WHERE ((kind = 'activity'::text) AND (status = ANY (ARRAY['pending'::text, 'running'::text, 'retrying'::text, 'paused'::text])));

CREATE INDEX execution_search_attributes_double ON public.execution_search_attributes USING btree (project_id, name, double_value);

CREATE INDEX execution_search_attributes_int ON public.execution_search_attributes USING btree (project_id, name, int_value);

CREATE INDEX execution_search_attributes_text ON public.execution_search_attributes USING btree (project_id, name, "left"(text_value, 256));

CREATE INDEX execution_search_attributes_time ON public.execution_search_attributes USING btree (project_id, name, time_value);

CREATE INDEX installation_log_newest ON public.installation_log USING btree (at DESC, id DESC);

CREATE INDEX node_journal_nodes ON public.node_journal USING btree (project_id, execution_id, node_id, iteration, event_id, "position");

CREATE INDEX oidc_sign_ins_by_expiry ON public.oidc_sign_ins USING btree (expires_at);

CREATE INDEX project_members_by_user ON public.project_members USING btree (user_id, project_id);

CREATE UNIQUE INDEX rollup_components_of_words ON public.rollup_components USING btree (project_id, kind, name, node_id, task_queue, series);

CREATE UNIQUE INDEX rollup_variants_of_words ON public.rollup_variants USING btree (project_id, task_queue, deployment_name, build_id, version, is_top_level, series);

CREATE INDEX run_changes_not_totalled ON public.run_changes USING btree (project_id, series) WHERE (NOT is_totalled);

CREATE INDEX run_changes_of_series ON public.run_changes USING btree (project_id, series, bucket);

CREATE UNIQUE INDEX sessions_by_id ON public.sessions USING btree (id);

CREATE INDEX sessions_by_user ON public.sessions USING btree (user_id);

CREATE INDEX sign_in_tries_by_time ON public.sign_in_tries USING btree (at);

CREATE INDEX sign_in_tries_by_try ON public.sign_in_tries USING btree (try_id);

CREATE INDEX undecoded_runs_due ON public.undecoded_runs USING btree (next_try_at);

CREATE INDEX user_identities_by_user ON public.user_identities USING btree (user_id);

CREATE UNIQUE INDEX users_by_email ON public.users USING btree (lower(email));

CREATE INDEX workflow_executions_backfilled ON public.workflow_executions USING btree (connection_id, next_sync_at) INCLUDE (backfill_id) WHERE ((next_sync_at IS NOT NULL) AND (backfill_id IS NOT NULL));

CREATE INDEX workflow_executions_by_build ON public.workflow_executions USING btree (project_id, workflow_id, deployment_name, build_id, started_at DESC, id DESC);

CREATE INDEX workflow_executions_by_duration_and_start ON public.workflow_executions USING btree (project_id, workflow_id, duration_ms DESC NULLS LAST, id DESC, started_at);

CREATE INDEX workflow_executions_by_start ON public.workflow_executions USING btree (project_id, workflow_id, started_at DESC, id DESC, duration_ms) INCLUDE (parent_run_id);

CREATE INDEX workflow_executions_by_status ON public.workflow_executions USING btree (project_id, workflow_id, status, started_at DESC, id DESC);

CREATE INDEX workflow_executions_by_temporal_id ON public.workflow_executions USING btree (project_id, temporal_workflow_id, started_at DESC);

CREATE INDEX workflow_executions_by_version ON public.workflow_executions USING btree (project_id, workflow_id, version, started_at DESC, id DESC) WHERE (version IS NOT NULL);

CREATE INDEX workflow_executions_derived ON public.workflow_executions USING btree (derived_version, project_id, id) WHERE (synced_event_id > 0);

CREATE INDEX workflow_executions_due ON public.workflow_executions USING btree (connection_id, next_sync_at) WHERE ((next_sync_at IS NOT NULL) AND (backfill_id IS NULL));

CREATE INDEX workflow_executions_ended_badly ON public.workflow_executions USING btree (project_id, closed_at) WHERE (status = ANY (ARRAY['failed'::text, 'timed_out'::text]));

CREATE INDEX workflow_executions_errors ON public.workflow_executions USING btree (project_id, workflow_id, error_group, started_at DESC, id DESC) INCLUDE (parent_run_id) WHERE ((status = ANY (ARRAY['failed'::text, 'timed_out'::text, 'terminated'::text])) AND (NOT is_retried) AND (superseded_by IS NULL) AND (NOT stopped_by_reset));

CREATE INDEX workflow_executions_errors_by_start ON public.workflow_executions USING btree (project_id, workflow_id, started_at) INCLUDE (error_group, parent_run_id) WHERE ((status = ANY (ARRAY['failed'::text, 'timed_out'::text, 'terminated'::text])) AND (NOT is_retried) AND (superseded_by IS NULL) AND (NOT stopped_by_reset));

CREATE INDEX workflow_executions_errors_of_project ON public.workflow_executions USING btree (project_id, error_group, started_at DESC, id DESC) INCLUDE (workflow_id, parent_run_id) WHERE ((status = ANY (ARRAY['failed'::text, 'timed_out'::text, 'terminated'::text])) AND (NOT is_retried) AND (superseded_by IS NULL) AND (NOT stopped_by_reset));

CREATE INDEX workflow_executions_in_trouble ON public.workflow_executions USING btree (project_id, problem, problem_since, id) WHERE (problem_since IS NOT NULL);

CREATE INDEX workflow_executions_last_error ON public.workflow_executions USING btree (project_id, workflow_id, closed_at DESC) INCLUDE (started_at, error_group, parent_run_id) WHERE ((status = ANY (ARRAY['failed'::text, 'timed_out'::text, 'terminated'::text])) AND (NOT is_retried) AND (superseded_by IS NULL) AND (NOT stopped_by_reset));

CREATE INDEX workflow_executions_longest ON public.workflow_executions USING btree (project_id, duration_ms DESC) WHERE (duration_ms IS NOT NULL);

CREATE INDEX workflow_executions_of_chain ON public.workflow_executions USING btree (project_id, first_run_id, started_at);

CREATE INDEX workflow_executions_of_parent ON public.workflow_executions USING btree (project_id, parent_run_id) WHERE (parent_run_id IS NOT NULL);

CREATE INDEX workflow_executions_of_project ON public.workflow_executions USING btree (project_id, started_at DESC, id DESC);

CREATE INDEX workflow_executions_of_project_by_status ON public.workflow_executions USING btree (project_id, status, started_at DESC, id DESC);

CREATE INDEX workflow_executions_of_project_by_task_queue ON public.workflow_executions USING btree (project_id, task_queue, started_at DESC, id DESC);

CREATE INDEX workflow_executions_oldest_open ON public.workflow_executions USING btree (project_id, started_at) WHERE ((closed_at IS NULL) AND (status = ANY (ARRAY['pending'::text, 'running'::text, 'paused'::text])));

CREATE INDEX workflow_executions_open ON public.workflow_executions USING btree (connection_id, id) WHERE ((NOT is_final) AND (status = ANY (ARRAY['pending'::text, 'running'::text, 'paused'::text])));

CREATE INDEX workflow_executions_reset_from ON public.workflow_executions USING btree (project_id, connection_id, reset_from_run_id) WHERE (reset_from_run_id IS NOT NULL);

CREATE INDEX workflow_executions_set_aside ON public.workflow_executions USING btree (project_id, connection_id) WHERE (sync_status = 'set_aside'::text);

CREATE INDEX workflow_versions_named ON public.workflow_versions USING btree (project_id, ((graph ->> 'name'::text)), created_at);

CREATE TRIGGER installation_log AFTER INSERT OR UPDATE OF revoked_at ON public.api_tokens FOR EACH ROW EXECUTE FUNCTION app.note_token();

CREATE TRIGGER installation_log AFTER INSERT OR UPDATE OF revoked_at ON public.sessions FOR EACH ROW EXECUTE FUNCTION app.note_session();

CREATE TRIGGER installation_log AFTER INSERT ON public.user_identities FOR EACH ROW EXECUTE FUNCTION app.note_identity();

CREATE TRIGGER installation_log AFTER INSERT OR UPDATE OF name, email, is_admin, disabled_at, password_hash ON public.users FOR EACH ROW EXECUTE FUNCTION app.note_user();

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.backfills
    ADD CONSTRAINT backfills_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES public.connections(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.backfills
    ADD CONSTRAINT backfills_project_id_workflow_id_fkey FOREIGN KEY (project_id, workflow_id) REFERENCES public.workflows(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.component_attempts
    ADD CONSTRAINT component_attempts_project_id_execution_id_event_id_fkey FOREIGN KEY (project_id, execution_id, event_id) REFERENCES public.component_executions(project_id, execution_id, event_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.component_changes
    ADD CONSTRAINT component_changes_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.component_executions
    ADD CONSTRAINT component_executions_project_id_execution_id_fkey FOREIGN KEY (project_id, execution_id) REFERENCES public.workflow_executions(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.component_rollups
    ADD CONSTRAINT component_rollups_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.component_statistics
    ADD CONSTRAINT component_statistics_project_id_workflow_id_fkey FOREIGN KEY (project_id, workflow_id) REFERENCES public.workflows(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.components
    ADD CONSTRAINT components_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.connection_credentials
    ADD CONSTRAINT connection_credentials_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES public.connections(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.connections
    ADD CONSTRAINT connections_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.erased_runs
    ADD CONSTRAINT erased_runs_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES public.connections(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.execution_keys
    ADD CONSTRAINT execution_keys_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES public.connections(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.execution_search_attributes
    ADD CONSTRAINT execution_search_attributes_project_id_execution_id_fkey FOREIGN KEY (project_id, execution_id) REFERENCES public.workflow_executions(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.followed_executions
    ADD CONSTRAINT followed_executions_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES public.connections(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.followed_executions
    ADD CONSTRAINT followed_executions_project_id_execution_id_fkey FOREIGN KEY (project_id, execution_id) REFERENCES public.workflow_executions(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.history_pages
    ADD CONSTRAINT history_pages_project_id_execution_id_fkey FOREIGN KEY (project_id, execution_id) REFERENCES public.workflow_executions(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.installation_log
    ADD CONSTRAINT installation_log_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.listing_windows
    ADD CONSTRAINT listing_windows_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES public.connections(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.node_journal
    ADD CONSTRAINT node_journal_project_id_execution_id_fkey FOREIGN KEY (project_id, execution_id) REFERENCES public.workflow_executions(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.patrols
    ADD CONSTRAINT patrols_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES public.connections(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_keys
    ADD CONSTRAINT project_keys_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_members
    ADD CONSTRAINT project_members_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_members
    ADD CONSTRAINT project_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_retention
    ADD CONSTRAINT project_retention_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_statistics
    ADD CONSTRAINT project_statistics_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.removed_errors
    ADD CONSTRAINT removed_errors_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.rollup_checks
    ADD CONSTRAINT rollup_checks_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.rollup_components
    ADD CONSTRAINT rollup_components_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.rollup_projects
    ADD CONSTRAINT rollup_projects_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.rollup_splits
    ADD CONSTRAINT rollup_splits_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.rollup_variants
    ADD CONSTRAINT rollup_variants_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.run_changes
    ADD CONSTRAINT run_changes_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.run_descriptions
    ADD CONSTRAINT run_descriptions_project_id_execution_id_fkey FOREIGN KEY (project_id, execution_id) REFERENCES public.workflow_executions(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.run_rollups
    ADD CONSTRAINT run_rollups_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.schedules
    ADD CONSTRAINT schedules_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES public.connections(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.service_secrets
    ADD CONSTRAINT service_secrets_project_id_service_id_fkey FOREIGN KEY (project_id, service_id) REFERENCES public.services(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.services
    ADD CONSTRAINT services_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sign_in_links
    ADD CONSTRAINT sign_in_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sync_gaps
    ADD CONSTRAINT sync_gaps_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES public.connections(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.task_queue_statistics
    ADD CONSTRAINT task_queue_statistics_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.task_queues
    ADD CONSTRAINT task_queues_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES public.connections(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.undecoded_runs
    ADD CONSTRAINT undecoded_runs_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES public.connections(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.undecoded_runs
    ADD CONSTRAINT undecoded_runs_project_id_execution_id_fkey FOREIGN KEY (project_id, execution_id) REFERENCES public.workflow_executions(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_identities
    ADD CONSTRAINT user_identities_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workflow_drafts
    ADD CONSTRAINT workflow_drafts_project_id_workflow_id_fkey FOREIGN KEY (project_id, workflow_id) REFERENCES public.workflows(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workflow_drafts
    ADD CONSTRAINT workflow_drafts_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.workflow_executions
    ADD CONSTRAINT workflow_executions_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES public.connections(project_id, id);

ALTER TABLE ONLY public.workflow_executions
    ADD CONSTRAINT workflow_executions_project_id_id_fkey FOREIGN KEY (project_id, id) REFERENCES public.execution_keys(project_id, execution_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workflow_executions
    ADD CONSTRAINT workflow_executions_project_id_workflow_id_fkey FOREIGN KEY (project_id, workflow_id) REFERENCES public.workflows(project_id, id);

ALTER TABLE ONLY public.workflow_statistics
    ADD CONSTRAINT workflow_statistics_project_id_workflow_id_fkey FOREIGN KEY (project_id, workflow_id) REFERENCES public.workflows(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workflow_versions
    ADD CONSTRAINT workflow_versions_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.workflow_versions
    ADD CONSTRAINT workflow_versions_project_id_workflow_id_fkey FOREIGN KEY (project_id, workflow_id) REFERENCES public.workflows(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.workflows
    ADD CONSTRAINT workflows_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES public.connections(project_id, id);

ALTER TABLE ONLY public.workflows
    ADD CONSTRAINT workflows_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE public.api_tokens ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.backfills ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.call_budgets ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.component_attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.component_changes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.component_executions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.component_rollups ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.component_statistics ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.components ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.connection_credentials ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.connections ENABLE ROW LEVEL SECURITY;

CREATE POLICY definer_changes ON public.project_members FOR UPDATE TO watchglass_definer USING (true) WITH CHECK (true);

CREATE POLICY definer_enrols ON public.project_members FOR INSERT TO watchglass_definer WITH CHECK (true);

CREATE POLICY definer_erases ON public.audit_log TO watchglass_definer USING (true) WITH CHECK (true);

CREATE POLICY definer_founds ON public.projects FOR INSERT TO watchglass_definer WITH CHECK (true);

CREATE POLICY definer_keeps ON public.api_tokens TO watchglass_definer USING (true) WITH CHECK (true);

CREATE POLICY definer_keeps ON public.installation_log TO watchglass_definer USING (true) WITH CHECK (true);

CREATE POLICY definer_keeps ON public.oidc_sign_ins TO watchglass_definer USING (true) WITH CHECK (true);

CREATE POLICY definer_keeps ON public.sessions TO watchglass_definer USING (true) WITH CHECK (true);

CREATE POLICY definer_keeps ON public.sign_in_links TO watchglass_definer USING (true) WITH CHECK (true);

CREATE POLICY definer_keeps ON public.sign_in_tries TO watchglass_definer USING (true) WITH CHECK (true);

CREATE POLICY definer_keeps ON public.user_identities TO watchglass_definer USING (true) WITH CHECK (true);

CREATE POLICY definer_keeps ON public.users TO watchglass_definer USING (true) WITH CHECK (true);

CREATE POLICY definer_reads ON public.connections FOR SELECT TO watchglass_definer USING (true);

CREATE POLICY definer_reads ON public.project_members FOR SELECT TO watchglass_definer USING (true);

CREATE POLICY definer_reads ON public.projects FOR SELECT TO watchglass_definer USING (true);

CREATE POLICY definer_reads ON public.rollup_checks FOR SELECT TO watchglass_definer USING (true);

CREATE POLICY definer_removes ON public.project_members FOR DELETE TO watchglass_definer USING (true);

CREATE POLICY definer_renames ON public.projects FOR UPDATE TO watchglass_definer USING (true) WITH CHECK (true);

ALTER TABLE public.erased_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.execution_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.execution_search_attributes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.followed_executions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.history_pages ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.installation_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.listing_windows ENABLE ROW LEVEL SECURITY;

CREATE POLICY members_only ON public.audit_log AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.backfills AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.component_attempts AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.component_changes AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.component_executions AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.component_rollups AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.component_statistics AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.components AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.connections AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.execution_keys AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.execution_search_attributes AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.followed_executions AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.history_pages AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.listing_windows AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.node_journal AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.patrols AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.project_members AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.project_retention AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.project_statistics AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.projects AS RESTRICTIVE TO watchglass_user USING ((id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.removed_errors AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.rollup_checks AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.rollup_components AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.rollup_projects AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.rollup_splits AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.rollup_variants AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.run_changes AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.run_descriptions AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.run_rollups AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.schedules AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.services AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.sync_gaps AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.task_queue_statistics AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.task_queues AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.undecoded_runs AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.workflow_drafts AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.workflow_executions AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.workflow_statistics AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.workflow_versions AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_only ON public.workflows AS RESTRICTIVE TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.audit_log FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.backfills FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.component_attempts FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.component_changes FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.component_executions FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.component_rollups FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.component_statistics FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.components FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.connections FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.execution_keys FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.execution_search_attributes FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.followed_executions FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.history_pages FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.listing_windows FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.node_journal FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.patrols FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.project_members FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.project_retention FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.project_statistics FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.projects FOR SELECT TO watchglass_user USING ((id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.removed_errors FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.rollup_checks FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.rollup_components FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.rollup_projects FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.rollup_splits FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.rollup_variants FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.run_changes FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.run_descriptions FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.run_rollups FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.schedules FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.services FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.sync_gaps FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.task_queue_statistics FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.task_queues FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.undecoded_runs FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.workflow_drafts FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.workflow_executions FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.workflow_statistics FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.workflow_versions FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

CREATE POLICY members_read ON public.workflows FOR SELECT TO watchglass_user USING ((project_id = ANY (( SELECT app.project_ids() AS project_ids)::uuid[])));

ALTER TABLE public.node_journal ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.oidc_sign_ins ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.patrols ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.project_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.project_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.project_retention ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.project_statistics ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.projects ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.removed_errors ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_checks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_components ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_projects ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_splits ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_variants ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.run_changes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.run_descriptions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.run_rollups ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.schedules ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.service_secrets ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.services ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sign_in_links ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sign_in_tries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sync_gaps ENABLE ROW LEVEL SECURITY;

CREATE POLICY sync_keeps ON public.connection_credentials TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_keeps ON public.erased_runs TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_keeps ON public.project_keys TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_keeps ON public.service_secrets TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.audit_log TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.backfills TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.call_budgets TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.component_attempts TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.component_changes TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.component_executions TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.component_rollups TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.component_statistics TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.components TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.connections TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.execution_keys TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.execution_search_attributes TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.followed_executions TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.history_pages TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.listing_windows TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.node_journal TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.patrols TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.project_retention TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.project_statistics TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.projects TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.removed_errors TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.rollup_checks TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.rollup_components TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.rollup_projects TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.rollup_splits TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.rollup_variants TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.run_changes TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.run_descriptions TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.run_rollups TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.schedules TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.services TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.sync_gaps TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.task_queue_statistics TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.task_queues TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.undecoded_runs TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.workflow_drafts TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.workflow_executions TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.workflow_statistics TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.workflow_versions TO watchglass_sync USING (true) WITH CHECK (true);

CREATE POLICY sync_writes ON public.workflows TO watchglass_sync USING (true) WITH CHECK (true);

ALTER TABLE public.task_queue_statistics ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.task_queues ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.undecoded_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.user_identities ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.workflow_drafts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.workflow_executions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.workflow_statistics ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.workflow_versions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.workflows ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA app TO watchglass_login;
GRANT USAGE ON SCHEMA app TO watchglass_user;
GRANT USAGE ON SCHEMA app TO watchglass_sync;
GRANT USAGE ON SCHEMA app TO watchglass_definer;

REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO watchglass_owner;
GRANT USAGE ON SCHEMA public TO watchglass_login;
GRANT USAGE ON SCHEMA public TO watchglass_user;
GRANT USAGE ON SCHEMA public TO watchglass_sync;
GRANT USAGE ON SCHEMA public TO watchglass_definer;

REVOKE ALL ON FUNCTION app.add_group_line(p_project uuid, p_action text, p_user uuid, p_details jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.add_installation_line(p_by uuid, p_action text, p_target uuid, p_details jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.add_line(p_project uuid, p_action text, p_target text, p_details jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.add_member(p_project uuid, p_name text, p_role text, p_sees boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION app.add_member(p_project uuid, p_name text, p_role text, p_sees boolean) TO watchglass_user;

REVOKE ALL ON FUNCTION app.add_user(p_name text, p_email text, p_admin boolean, p_password_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.add_user(p_name text, p_email text, p_admin boolean, p_password_hash text) TO watchglass_login;

REVOKE ALL ON FUNCTION app.begin_oidc(p_browser bytea, p_state text, p_nonce text, p_verifier text, p_redirect_uri text, p_lifetime interval) FROM PUBLIC;
GRANT ALL ON FUNCTION app.begin_oidc(p_browser bytea, p_state text, p_nonce text, p_verifier text, p_redirect_uri text, p_lifetime interval) TO watchglass_login;

REVOKE ALL ON FUNCTION app.can_anybody_sign_in() FROM PUBLIC;
GRANT ALL ON FUNCTION app.can_anybody_sign_in() TO watchglass_login;

REVOKE ALL ON FUNCTION app.change_member(p_project uuid, p_user uuid, p_role text, p_sees boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION app.change_member(p_project uuid, p_user uuid, p_role text, p_sees boolean) TO watchglass_user;

REVOKE ALL ON FUNCTION app.change_user(p_user uuid, p_admin boolean, p_disabled boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION app.change_user(p_user uuid, p_admin boolean, p_disabled boolean) TO watchglass_login;

REVOKE ALL ON FUNCTION app.count_try(p_try uuid, p_keys bytea[], p_amounts integer[], p_windows interval[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.count_try(p_try uuid, p_keys bytea[], p_amounts integer[], p_windows interval[]) TO watchglass_login;

REVOKE ALL ON FUNCTION app.create_project(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.create_project(p_name text) TO watchglass_user;

REVOKE ALL ON FUNCTION app.end_oidc(p_browser bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.end_oidc(p_browser bytea) TO watchglass_login;

REVOKE ALL ON FUNCTION app.ensure_owner(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.ensure_owner(p_name text) TO watchglass_login;

REVOKE ALL ON FUNCTION app.ensure_project(p_name text, p_owner uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.ensure_project(p_name text, p_owner uuid) TO watchglass_login;

REVOKE ALL ON FUNCTION app.ensure_user(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.ensure_user(p_name text) TO watchglass_login;

REVOKE ALL ON FUNCTION app.erase_from_log(p_project uuid, p_executions text[], p_runs text[], p_workflow_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.erase_from_log(p_project uuid, p_executions text[], p_runs text[], p_workflow_id text) TO watchglass_sync;

REVOKE ALL ON FUNCTION app.exchange_sign_in_link(p_link_hash bytea, p_session_hash bytea, p_lifetime interval) FROM PUBLIC;
GRANT ALL ON FUNCTION app.exchange_sign_in_link(p_link_hash bytea, p_session_hash bytea, p_lifetime interval) TO watchglass_login;

REVOKE ALL ON FUNCTION app.figure_checks(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.figure_checks(p_limit integer) TO watchglass_user;

REVOKE ALL ON FUNCTION app.find_project(p_owner uuid, p_address text, p_namespace text, p_embedded boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION app.find_project(p_owner uuid, p_address text, p_namespace text, p_embedded boolean) TO watchglass_login;

REVOKE ALL ON FUNCTION app.find_user(p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.find_user(p_name text) TO watchglass_login;

REVOKE ALL ON FUNCTION app.follow_groups(p_user uuid, p_projects uuid[], p_roles text[], p_sees boolean[], p_groups text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.follow_groups(p_user uuid, p_projects uuid[], p_roles text[], p_sees boolean[], p_groups text[]) TO watchglass_login;

REVOKE ALL ON FUNCTION app.forgive_try(p_try uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.forgive_try(p_try uuid) TO watchglass_login;

REVOKE ALL ON FUNCTION app.identify(p_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.identify(p_hash bytea) TO watchglass_login;

REVOKE ALL ON FUNCTION app.installation_lines(p_at timestamp with time zone, p_id uuid, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app.installation_lines(p_at timestamp with time zone, p_id uuid, p_limit integer) TO watchglass_user;

REVOKE ALL ON FUNCTION app.installation_lines(p_at timestamp with time zone, p_id uuid, p_limit integer, p_actions text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION app.installation_lines(p_at timestamp with time zone, p_id uuid, p_limit integer, p_actions text[]) TO watchglass_user;

REVOKE ALL ON FUNCTION app.is_admin() FROM PUBLIC;
GRANT ALL ON FUNCTION app.is_admin() TO watchglass_user;

REVOKE ALL ON FUNCTION app.is_last_admin(p_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.is_last_admin(p_user uuid) TO watchglass_login;

REVOKE ALL ON FUNCTION app.is_last_owner(p_project uuid, p_user uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.issue_own_token(p_hash bytea, p_name text, p_lifetime interval, p_scope text, p_project uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.issue_own_token(p_hash bytea, p_name text, p_lifetime interval, p_scope text, p_project uuid) TO watchglass_user;

REVOKE ALL ON FUNCTION app.issue_sign_in_link(p_hash bytea, p_user uuid, p_lifetime interval) FROM PUBLIC;
GRANT ALL ON FUNCTION app.issue_sign_in_link(p_hash bytea, p_user uuid, p_lifetime interval) TO watchglass_login;

REVOKE ALL ON FUNCTION app.issue_token(p_hash bytea, p_user uuid, p_name text, p_lifetime interval) FROM PUBLIC;
GRANT ALL ON FUNCTION app.issue_token(p_hash bytea, p_user uuid, p_name text, p_lifetime interval) TO watchglass_login;

REVOKE ALL ON FUNCTION app.issue_token(p_hash bytea, p_user uuid, p_name text, p_lifetime interval, p_scope text, p_project uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.issue_token(p_hash bytea, p_user uuid, p_name text, p_lifetime interval, p_scope text, p_project uuid) TO watchglass_login;

REVOKE ALL ON FUNCTION app.issue_token(p_hash bytea, p_user uuid, p_name text, p_lifetime interval, p_scope text, p_project uuid, p_is_of_start boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION app.issue_token(p_hash bytea, p_user uuid, p_name text, p_lifetime interval, p_scope text, p_project uuid, p_is_of_start boolean) TO watchglass_login;

REVOKE ALL ON FUNCTION app.link_identity(p_issuer text, p_subject text, p_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.link_identity(p_issuer text, p_subject text, p_user uuid) TO watchglass_login;

REVOKE ALL ON FUNCTION app.managed_users() FROM PUBLIC;
GRANT ALL ON FUNCTION app.managed_users() TO watchglass_user;

REVOKE ALL ON FUNCTION app.members_of(p_project uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.members_of(p_project uuid) TO watchglass_user;

REVOKE ALL ON FUNCTION app.note_identity() FROM PUBLIC;
GRANT ALL ON FUNCTION app.note_identity() TO watchglass_owner;

REVOKE ALL ON FUNCTION app.note_session() FROM PUBLIC;
GRANT ALL ON FUNCTION app.note_session() TO watchglass_owner;

REVOKE ALL ON FUNCTION app.note_token() FROM PUBLIC;
GRANT ALL ON FUNCTION app.note_token() TO watchglass_owner;

REVOKE ALL ON FUNCTION app.note_user() FROM PUBLIC;
GRANT ALL ON FUNCTION app.note_user() TO watchglass_owner;

REVOKE ALL ON FUNCTION app.open_session(p_hash bytea, p_user uuid, p_lifetime interval, p_method text, p_user_agent text, p_address text, p_replaced bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.open_session(p_hash bytea, p_user uuid, p_lifetime interval, p_method text, p_user_agent text, p_address text, p_replaced bytea) TO watchglass_login;

REVOKE ALL ON FUNCTION app.own_account() FROM PUBLIC;
GRANT ALL ON FUNCTION app.own_account() TO watchglass_user;

REVOKE ALL ON FUNCTION app.own_sessions() FROM PUBLIC;
GRANT ALL ON FUNCTION app.own_sessions() TO watchglass_user;

REVOKE ALL ON FUNCTION app.own_tokens() FROM PUBLIC;
GRANT ALL ON FUNCTION app.own_tokens() TO watchglass_user;

REVOKE ALL ON FUNCTION app.owns(p_project uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION app.password_of(p_name text, OUT user_id uuid, OUT password_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.password_of(p_name text, OUT user_id uuid, OUT password_hash text) TO watchglass_login;

REVOKE ALL ON FUNCTION app.project_ids() FROM PUBLIC;
GRANT ALL ON FUNCTION app.project_ids() TO watchglass_user;

REVOKE ALL ON FUNCTION app.project_of_member(p_user uuid, p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.project_of_member(p_user uuid, p_name text) TO watchglass_login;

REVOKE ALL ON FUNCTION app.remove_member(p_project uuid, p_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.remove_member(p_project uuid, p_user uuid) TO watchglass_user;

REVOKE ALL ON FUNCTION app.rename_project(p_id uuid, p_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.rename_project(p_id uuid, p_name text) TO watchglass_user;

REVOKE ALL ON FUNCTION app.revoke_own_session(p_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.revoke_own_session(p_id uuid) TO watchglass_user;

REVOKE ALL ON FUNCTION app.revoke_own_token(p_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.revoke_own_token(p_id uuid) TO watchglass_user;

REVOKE ALL ON FUNCTION app.revoke_session(p_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.revoke_session(p_hash bytea) TO watchglass_login;

REVOKE ALL ON FUNCTION app.revoke_sessions(p_user uuid, p_kept bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.revoke_sessions(p_user uuid, p_kept bytea) TO watchglass_login;

REVOKE ALL ON FUNCTION app.revoke_token(p_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.revoke_token(p_hash bytea) TO watchglass_login;

REVOKE ALL ON FUNCTION app.revoke_tokens(p_user uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION app.revoke_tokens(p_user uuid) TO watchglass_login;

REVOKE ALL ON FUNCTION app.set_password(p_user uuid, p_hash text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.set_password(p_user uuid, p_hash text) TO watchglass_login;

REVOKE ALL ON FUNCTION app.take_away_ended(p_kept interval, p_limit integer, OUT sessions bigint, OUT tokens bigint, OUT links bigint, OUT oidc bigint, OUT tries bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION app.take_away_ended(p_kept interval, p_limit integer, OUT sessions bigint, OUT tokens bigint, OUT links bigint, OUT oidc bigint, OUT tries bigint) TO watchglass_login;

REVOKE ALL ON FUNCTION app.token() FROM PUBLIC;
GRANT ALL ON FUNCTION app.token() TO watchglass_user;

REVOKE ALL ON FUNCTION app.use_sign_in_link(p_link_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION app.use_sign_in_link(p_link_hash bytea) TO watchglass_login;

REVOKE ALL ON FUNCTION app.user_id() FROM PUBLIC;
GRANT ALL ON FUNCTION app.user_id() TO watchglass_user;

REVOKE ALL ON FUNCTION app.user_of_email(p_email text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.user_of_email(p_email text) TO watchglass_login;

REVOKE ALL ON FUNCTION app.user_of_identity(p_issuer text, p_subject text) FROM PUBLIC;
GRANT ALL ON FUNCTION app.user_of_identity(p_issuer text, p_subject text) TO watchglass_login;

REVOKE ALL ON FUNCTION app.users() FROM PUBLIC;
GRANT ALL ON FUNCTION app.users() TO watchglass_login;

REVOKE ALL ON FUNCTION pg_catalog.lo_creat(integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pg_catalog.lo_create(oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION pg_catalog.lo_open(oid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pg_catalog.lo_put(oid, bigint, bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION pg_catalog.lo_truncate(integer, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pg_catalog.lo_truncate64(integer, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pg_catalog.lo_unlink(oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pg_catalog.lowrite(integer, bytea) FROM PUBLIC;

GRANT SELECT ON TABLE public.alembic_version TO watchglass_login;
GRANT SELECT ON TABLE public.alembic_version TO watchglass_sync;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_tokens TO watchglass_definer;

GRANT SELECT ON TABLE public.audit_log TO watchglass_user;
GRANT SELECT,INSERT ON TABLE public.audit_log TO watchglass_sync;
GRANT SELECT,INSERT,UPDATE ON TABLE public.audit_log TO watchglass_definer;

GRANT SELECT ON TABLE public.backfills TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.backfills TO watchglass_sync;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.call_budgets TO watchglass_sync;

GRANT SELECT ON TABLE public.component_attempts TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.component_attempts TO watchglass_sync;

GRANT SELECT ON TABLE public.component_changes TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.component_changes TO watchglass_sync;

GRANT SELECT ON TABLE public.component_executions TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.component_executions TO watchglass_sync;

GRANT SELECT ON TABLE public.component_rollups TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.component_rollups TO watchglass_sync;

GRANT SELECT ON TABLE public.component_statistics TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.component_statistics TO watchglass_sync;

GRANT SELECT ON TABLE public.components TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.components TO watchglass_sync;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.connection_credentials TO watchglass_sync;

GRANT SELECT ON TABLE public.connections TO watchglass_user;
GRANT SELECT ON TABLE public.connections TO watchglass_definer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.connections TO watchglass_sync;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.erased_runs TO watchglass_sync;

GRANT SELECT ON TABLE public.execution_keys TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.execution_keys TO watchglass_sync;

GRANT SELECT ON TABLE public.execution_search_attributes TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.execution_search_attributes TO watchglass_sync;

GRANT SELECT ON TABLE public.followed_executions TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.followed_executions TO watchglass_sync;

GRANT SELECT ON TABLE public.history_pages TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.history_pages TO watchglass_sync;

GRANT SELECT,INSERT ON TABLE public.installation_log TO watchglass_definer;

GRANT SELECT ON TABLE public.listing_windows TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.listing_windows TO watchglass_sync;

GRANT SELECT ON TABLE public.node_journal TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.node_journal TO watchglass_sync;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.oidc_sign_ins TO watchglass_definer;

GRANT SELECT ON TABLE public.patrols TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.patrols TO watchglass_sync;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.project_keys TO watchglass_sync;

GRANT SELECT ON TABLE public.project_members TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.project_members TO watchglass_definer;

GRANT SELECT ON TABLE public.project_retention TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.project_retention TO watchglass_sync;

GRANT SELECT ON TABLE public.project_statistics TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.project_statistics TO watchglass_sync;

GRANT SELECT ON TABLE public.projects TO watchglass_user;
GRANT SELECT,INSERT,UPDATE ON TABLE public.projects TO watchglass_definer;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.projects TO watchglass_sync;

GRANT SELECT ON TABLE public.removed_errors TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.removed_errors TO watchglass_sync;

GRANT SELECT ON TABLE public.rollup_checks TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_checks TO watchglass_sync;
GRANT SELECT ON TABLE public.rollup_checks TO watchglass_definer;

GRANT SELECT ON TABLE public.rollup_components TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_components TO watchglass_sync;

GRANT SELECT ON TABLE public.rollup_projects TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_projects TO watchglass_sync;

GRANT SELECT ON TABLE public.rollup_splits TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_splits TO watchglass_sync;

GRANT SELECT ON TABLE public.rollup_variants TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_variants TO watchglass_sync;

GRANT SELECT ON TABLE public.run_changes TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.run_changes TO watchglass_sync;

GRANT SELECT ON TABLE public.run_descriptions TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.run_descriptions TO watchglass_sync;

GRANT SELECT ON TABLE public.run_rollups TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.run_rollups TO watchglass_sync;

GRANT SELECT ON TABLE public.schedules TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.schedules TO watchglass_sync;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.service_secrets TO watchglass_sync;

GRANT SELECT ON TABLE public.services TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.services TO watchglass_sync;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sessions TO watchglass_definer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_in_links TO watchglass_definer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sign_in_tries TO watchglass_definer;

GRANT SELECT ON TABLE public.sync_gaps TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sync_gaps TO watchglass_sync;

GRANT SELECT ON TABLE public.task_queue_statistics TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_queue_statistics TO watchglass_sync;

GRANT SELECT ON TABLE public.task_queues TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_queues TO watchglass_sync;

GRANT SELECT ON TABLE public.undecoded_runs TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.undecoded_runs TO watchglass_sync;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_identities TO watchglass_definer;

GRANT SELECT,INSERT,UPDATE ON TABLE public.users TO watchglass_definer;

GRANT SELECT ON TABLE public.workflow_drafts TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.workflow_drafts TO watchglass_sync;

GRANT SELECT ON TABLE public.workflow_executions TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.workflow_executions TO watchglass_sync;

GRANT SELECT ON TABLE public.workflow_statistics TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.workflow_statistics TO watchglass_sync;

GRANT SELECT ON TABLE public.workflow_versions TO watchglass_user;
GRANT SELECT,INSERT ON TABLE public.workflow_versions TO watchglass_sync;

GRANT SELECT ON TABLE public.workflows TO watchglass_user;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.workflows TO watchglass_sync;
