-- Members of projects, their right to see values, and lines of the audit log in the transaction of what they tell of.

ALTER TABLE project_members ADD COLUMN sees_payloads boolean NOT NULL DEFAULT true,
    ADD CONSTRAINT owners_see_payloads CHECK (sees_payloads OR role <> 'owner') NOT VALID;
ALTER TABLE project_members VALIDATE CONSTRAINT owners_see_payloads;
COMMENT ON COLUMN project_members.sees_payloads IS 'May see the values that the project''s runs handled.';

GRANT UPDATE, DELETE ON project_members TO :definer;
CREATE POLICY definer_changes ON project_members FOR UPDATE TO :definer USING (true) WITH CHECK (true);
CREATE POLICY definer_removes ON project_members FOR DELETE TO :definer USING (true);

GRANT INSERT ON audit_log TO :definer;
CREATE INDEX audit_log_changes ON audit_log (project_id, at DESC, id DESC) WHERE action <> 'values.see';
-- Once per person, run and hour.
CREATE UNIQUE INDEX audit_log_values_seen
    ON audit_log (project_id, user_id, target, date_trunc('hour', at AT TIME ZONE 'UTC')) WHERE action = 'values.see';

CREATE TABLE installation_log (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    user_id uuid REFERENCES users ON DELETE SET NULL,
    user_name text,
    action text NOT NULL,
    target text NOT NULL,
    details jsonb NOT NULL
);
COMMENT ON TABLE installation_log IS
    'Who signed in, and what was done to people and their tokens. Lines are added by triggers and never changed.';
COMMENT ON COLUMN installation_log.user_name IS 'As they were called then. Null: somebody at the command line.';
CREATE INDEX installation_log_newest ON installation_log (at DESC, id DESC);
ALTER TABLE installation_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE installation_log FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON installation_log TO :definer;
CREATE POLICY definer_keeps ON installation_log TO :definer USING (true) WITH CHECK (true);

-- The functions are the definer's own.
GRANT CREATE ON SCHEMA app TO :definer;
SET LOCAL ROLE :definer;

-- A line about what the person asking did. For definer functions alone: they know that it is true.
CREATE FUNCTION app.add_line(p_project uuid, p_action text, p_target text, p_details jsonb) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.audit_log (project_id, user_id, user_name, action, target, details)
    SELECT p_project, u.id, u.name, p_action, p_target, p_details FROM public.users u WHERE u.id = app.user_id()
$$;

-- Is the person asking an owner? The project stays as it is until the transaction ends.
CREATE FUNCTION app.owns(p_project uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF p_project <> ALL (app.project_ids()) THEN
        RETURN false;
    END IF;
    PERFORM FROM public.projects WHERE id = p_project FOR UPDATE;
    RETURN EXISTS (SELECT FROM public.project_members
                   WHERE project_id = p_project AND user_id = app.user_id() AND role = 'owner');
END $$;

CREATE FUNCTION app.members_of(p_project uuid)
RETURNS TABLE (user_id uuid, user_name text, role text, sees_payloads boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT m.user_id, u.name, m.role, m.sees_payloads
    FROM public.project_members m JOIN public.users u ON u.id = m.user_id
    WHERE m.project_id = p_project AND p_project = ANY (app.project_ids())
      AND EXISTS (SELECT FROM public.project_members o
                  WHERE o.project_id = p_project AND o.user_id = app.user_id() AND o.role = 'owner')
    ORDER BY u.name
$$;

-- The three return what came of it: ok, forbidden, no_user, member (is one already), no_member, last_owner.

CREATE FUNCTION app.add_member(p_project uuid, p_name text, p_role text, p_sees boolean) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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

CREATE FUNCTION app.change_member(p_project uuid, p_user uuid, p_role text, p_sees boolean) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE v_before record;
BEGIN
    IF NOT app.owns(p_project) THEN RETURN 'forbidden'; END IF;
    SELECT m.role, m.sees_payloads, u.name INTO v_before
        FROM public.project_members m JOIN public.users u ON u.id = m.user_id
        WHERE m.project_id = p_project AND m.user_id = p_user;
    IF NOT FOUND THEN RETURN 'no_member'; END IF;
    IF v_before.role = 'owner' AND p_role <> 'owner' AND app.is_last_owner(p_project, p_user) THEN
        RETURN 'last_owner';
    END IF;
    IF (v_before.role, v_before.sees_payloads) <> (p_role, p_sees) THEN
        UPDATE public.project_members SET role = p_role, sees_payloads = p_sees
            WHERE project_id = p_project AND user_id = p_user;
        PERFORM app.add_line(p_project, 'member.update', p_user::text,
                             jsonb_build_object('name', v_before.name, 'role', p_role, 'seesPayloads', p_sees,
                                                'roleBefore', v_before.role, 'sawPayloads', v_before.sees_payloads));
    END IF;
    RETURN 'ok';
END $$;

CREATE FUNCTION app.remove_member(p_project uuid, p_user uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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

CREATE FUNCTION app.is_last_owner(p_project uuid, p_user uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM public.project_members
                   WHERE project_id = p_project AND user_id = p_user AND role = 'owner')
       AND NOT EXISTS (SELECT FROM public.project_members
                       WHERE project_id = p_project AND user_id <> p_user AND role = 'owner')
$$;

CREATE OR REPLACE FUNCTION app.create_project(p_name text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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
        SELECT name INTO v_before FROM public.projects WHERE id = p_id FOR UPDATE;
        IF v_before <> p_name THEN
            UPDATE public.projects SET name = p_name WHERE id = p_id;
            PERFORM app.add_line(p_id, 'project.update', p_id::text,
                                 jsonb_build_object('name', p_name, 'nameBefore', v_before));
        END IF;
    END IF;
    RETURN v_role;
END $$;

-- The installation's log. Whoever asks did it; who signs in asks for the first time.

CREATE FUNCTION app.add_installation_line(p_by uuid, p_action text, p_target uuid, p_details jsonb) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.installation_log (user_id, user_name, action, target, details)
    VALUES (p_by, (SELECT name FROM public.users WHERE id = p_by), p_action, p_target::text,
            p_details || jsonb_build_object('of', (SELECT name FROM public.users WHERE id = p_target)))
$$;

-- The newest, from the first one before a line's time and id; none for who is no administrator.
CREATE FUNCTION app.installation_lines(p_at timestamptz, p_id uuid, p_limit integer)
RETURNS TABLE (id uuid, at timestamptz, user_name text, action text, target text, details jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT l.id, l.at, l.user_name, l.action, l.target, l.details FROM public.installation_log l
    WHERE (SELECT app.is_admin()) AND (p_at IS NULL OR (l.at, l.id) < (p_at, p_id))
    ORDER BY l.at DESC, l.id DESC LIMIT p_limit
$$;

CREATE FUNCTION app.note_session() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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

CREATE FUNCTION app.note_identity() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.add_installation_line(app.user_id(), 'user.link', NEW.user_id, jsonb_build_object('issuer', NEW.issuer));
    RETURN NULL;
END $$;

GRANT EXECUTE ON FUNCTION app.note_session(), app.note_token(), app.note_user(), app.note_identity() TO :owner;
REVOKE ALL ON FUNCTION app.add_installation_line(uuid, text, uuid, jsonb),
    app.installation_lines(timestamptz, uuid, integer), app.note_session(), app.note_token(),
    app.note_user(), app.note_identity() FROM PUBLIC;
REVOKE ALL ON FUNCTION app.add_line(uuid, text, text, jsonb), app.owns(uuid), app.is_last_owner(uuid, uuid),
    app.members_of(uuid), app.add_member(uuid, text, text, boolean), app.change_member(uuid, uuid, text, boolean),
    app.remove_member(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.installation_lines(timestamptz, uuid, integer), app.members_of(uuid), app.add_member(uuid, text, text, boolean),
    app.change_member(uuid, uuid, text, boolean), app.remove_member(uuid, uuid) TO :user;

SET LOCAL ROLE :owner;
CREATE TRIGGER installation_log AFTER INSERT OR UPDATE OF revoked_at ON sessions
    FOR EACH ROW EXECUTE FUNCTION app.note_session();
CREATE TRIGGER installation_log AFTER INSERT OR UPDATE OF revoked_at ON api_tokens
    FOR EACH ROW EXECUTE FUNCTION app.note_token();
CREATE TRIGGER installation_log AFTER INSERT OR UPDATE OF name, email, is_admin, disabled_at, password_hash ON users
    FOR EACH ROW EXECUTE FUNCTION app.note_user();
CREATE TRIGGER installation_log AFTER INSERT ON user_identities
    FOR EACH ROW EXECUTE FUNCTION app.note_identity();
REVOKE CREATE ON SCHEMA app FROM :definer;
