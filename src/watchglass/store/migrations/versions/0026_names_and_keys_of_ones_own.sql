-- That a name is taken was told of projects that the person asking may not see. A name is now theirs to choose once: it
-- is held against the projects of which that person is a member, and nobody else's.
ALTER TABLE projects DROP CONSTRAINT projects_name_key;

GRANT CREATE ON SCHEMA app TO :definer;
SET LOCAL ROLE :definer;

-- Two requests of one person wait for each other; other people's do not.
CREATE OR REPLACE FUNCTION app.create_project(p_name text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    v_user uuid := app.user_id();
    v_id uuid;
BEGIN
    IF v_user IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'nobody is signed in';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(v_user::text, 7402611024));
    IF EXISTS (SELECT FROM public.projects p JOIN public.project_members m ON m.project_id = p.id
               WHERE m.user_id = v_user AND p.name = p_name) THEN
        RAISE unique_violation USING MESSAGE = 'the person has a project of that name';
    END IF;
    INSERT INTO public.projects (name) VALUES (p_name) RETURNING id INTO v_id;
    INSERT INTO public.project_members VALUES (v_id, v_user, 'owner');
    RETURN v_id;
END $$;

CREATE OR REPLACE FUNCTION app.rename_project(p_id uuid, p_name text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    v_user uuid := app.user_id();
    v_role text;
BEGIN
    SELECT role INTO v_role FROM public.project_members WHERE project_id = p_id AND user_id = v_user;
    IF v_role IN ('owner', 'editor') THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(v_user::text, 7402611024));
        IF EXISTS (SELECT FROM public.projects p JOIN public.project_members m ON m.project_id = p.id
                   WHERE m.user_id = v_user AND p.name = p_name AND p.id <> p_id) THEN
            RAISE unique_violation USING MESSAGE = 'the person has a project of that name';
        END IF;
        UPDATE public.projects SET name = p_name WHERE id = p_id;
    END IF;
    RETURN v_role;
END $$;

-- The project of that name that the person owns, made when there is none.
CREATE OR REPLACE FUNCTION app.ensure_project(p_name text, p_owner uuid) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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

SET LOCAL ROLE :owner;
REVOKE CREATE ON SCHEMA app FROM :definer;

-- A key of one project can never hang on another project's connection. That those which are there do not is looked at
-- in the next revision, beside everybody who works.
ALTER TABLE execution_keys ADD CONSTRAINT execution_keys_project_id_connection_id_fkey
    FOREIGN KEY (project_id, connection_id) REFERENCES connections (project_id, id) ON DELETE CASCADE NOT VALID;
ALTER TABLE execution_keys DROP CONSTRAINT execution_keys_connection_id_fkey;

-- The functions that ask who is there read what they need for it, and nothing that was copied from Temporal.
DO $$
DECLARE v_table regclass;
BEGIN
    FOR v_table IN SELECT p.polrelid FROM pg_policy p WHERE p.polname = 'definer_reads'
        AND p.polrelid NOT IN ('projects'::regclass, 'project_members'::regclass, 'connections'::regclass)
    LOOP
        EXECUTE format('DROP POLICY definer_reads ON %s', v_table);
        EXECUTE format('REVOKE ALL ON %s FROM :definer', v_table);
    END LOOP;
END $$;

-- Held without a policy that would have let it change a row.
REVOKE UPDATE ON project_members FROM :definer;
