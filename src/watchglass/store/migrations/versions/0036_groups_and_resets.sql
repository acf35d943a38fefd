-- Memberships that groups of an OpenID provider bring; tokens that end with a reset of the password.

ALTER TABLE project_members ADD COLUMN from_group text CHECK (from_group <> '');
COMMENT ON COLUMN project_members.from_group IS
    'The OpenID provider''s group that brings this membership, at each sign-in. Null: made by hand.';
ALTER TABLE api_tokens ADD COLUMN is_of_start boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN api_tokens.is_of_start IS 'Made by `up` for its own machine; ends with the next start.';

GRANT CREATE ON SCHEMA app TO :definer;
SET LOCAL ROLE :definer;

-- Gives a person the memberships that their groups bring, and takes those away that they bring no more. What was made
-- by hand stays as it is. Returns what was left undone: `last_owner` where the project would have no owner afterwards,
-- `no_project` where there is no such project.
CREATE FUNCTION app.follow_groups(p_user uuid, p_projects uuid[], p_roles text[], p_sees boolean[], p_groups text[])
RETURNS TABLE (project_id uuid, undone text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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

-- A line about what an OpenID provider decided: no person's deed.
CREATE FUNCTION app.add_group_line(p_project uuid, p_action text, p_user uuid, p_details jsonb) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.audit_log (project_id, user_name, action, target, details)
    VALUES (p_project, 'single sign-on', p_action, p_user::text, p_details || '{"byProvider": true}'::jsonb)
$$;

-- As before; and a membership that is changed by hand follows no group any more.
CREATE OR REPLACE FUNCTION app.change_member(p_project uuid, p_user uuid, p_role text, p_sees boolean) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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

-- As before, but whoever writes a row that belongs to the project need not wait: its key stays as it is.
CREATE OR REPLACE FUNCTION app.owns(p_project uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF p_project <> ALL (app.project_ids()) THEN
        RETURN false;
    END IF;
    PERFORM FROM public.projects WHERE id = p_project FOR NO KEY UPDATE;
    RETURN EXISTS (SELECT FROM public.project_members
                   WHERE project_id = p_project AND user_id = app.user_id() AND role = 'owner');
END $$;

-- The same.
CREATE OR REPLACE FUNCTION app.rename_project(p_id uuid, p_name text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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

CREATE FUNCTION app.issue_token(p_hash bytea, p_user uuid, p_name text, p_lifetime interval, p_scope text,
    p_project uuid, p_is_of_start boolean) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.api_tokens (token_hash, user_id, name, expires_at, scope, project_id, is_of_start)
    VALUES (p_hash, p_user, p_name, clock_timestamp() + p_lifetime, p_scope, p_project, p_is_of_start) RETURNING id
$$;

-- All tokens of a person but those that `up` made at its start; returns how many that work end.
CREATE FUNCTION app.revoke_tokens(p_user uuid) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    WITH ended AS (
        UPDATE public.api_tokens SET revoked_at = clock_timestamp()
        WHERE user_id = p_user AND revoked_at IS NULL AND expires_at > clock_timestamp() AND NOT is_of_start
        RETURNING 1
    )
    SELECT count(*) FROM ended
$$;

REVOKE ALL ON FUNCTION app.follow_groups(uuid, uuid[], text[], boolean[], text[]),
    app.add_group_line(uuid, text, uuid, jsonb), app.revoke_tokens(uuid),
    app.issue_token(bytea, uuid, text, interval, text, uuid, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.follow_groups(uuid, uuid[], text[], boolean[], text[]), app.revoke_tokens(uuid),
    app.issue_token(bytea, uuid, text, interval, text, uuid, boolean) TO :login;

SET LOCAL ROLE :owner;
REVOKE CREATE ON SCHEMA app FROM :definer;
