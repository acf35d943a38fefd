-- People with passwords or an OpenID provider, what their sessions and tokens are called, and how often somebody tried.

ALTER TABLE users
    ADD COLUMN password_hash text,
    ADD COLUMN email text CHECK (email <> ''),
    ADD COLUMN is_admin boolean NOT NULL DEFAULT false,
    ADD COLUMN disabled_at timestamptz;
COMMENT ON COLUMN users.password_hash IS 'Argon2id with its parameters. Null: this person signs in otherwise.';
COMMENT ON COLUMN users.is_admin IS 'May manage the people of the installation; says nothing about projects.';
COMMENT ON COLUMN users.disabled_at IS 'From then on nothing of theirs opens the door.';
CREATE UNIQUE INDEX users_by_email ON users (lower(email));

CREATE TABLE user_identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (issuer, subject)
);
COMMENT ON TABLE user_identities IS 'Who somebody is to an OpenID provider; e-mail addresses change hands, these do not.';
CREATE INDEX user_identities_by_user ON user_identities (user_id);

CREATE TABLE oidc_sign_ins (
    browser_hash bytea PRIMARY KEY,
    state text NOT NULL,
    nonce text NOT NULL,
    code_verifier text NOT NULL,
    redirect_uri text NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE oidc_sign_ins IS 'Sign-ins that are at the OpenID provider; each ends with its first answer.';
CREATE INDEX oidc_sign_ins_by_expiry ON oidc_sign_ins (expires_at);

CREATE TABLE sign_in_tries (
    key bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    try_id uuid NOT NULL,
    PRIMARY KEY (key, at, try_id)
);
COMMENT ON TABLE sign_in_tries IS 'Tries of the last minutes, under the SHA-256 of the account, the address, or all of them.';
CREATE INDEX sign_in_tries_by_time ON sign_in_tries (at);
CREATE INDEX sign_in_tries_by_try ON sign_in_tries (try_id);

ALTER TABLE sessions
    ADD COLUMN id uuid,
    ADD COLUMN method text NOT NULL DEFAULT 'link' CHECK (method IN ('link', 'password', 'oidc')),
    ADD COLUMN user_agent text,
    ADD COLUMN address text;
ALTER TABLE sessions ALTER COLUMN id SET DEFAULT uuidv7();
COMMENT ON COLUMN sessions.id IS 'What people name it by; the hash opens the door.';
COMMENT ON COLUMN sessions.address IS 'The network that it was opened from, not the whole address.';

ALTER TABLE api_tokens
    ADD COLUMN id uuid,
    ADD COLUMN scope text NOT NULL DEFAULT 'admin' CHECK (scope IN ('read', 'sync', 'admin')),
    ADD COLUMN project_id uuid REFERENCES projects ON DELETE CASCADE;
ALTER TABLE api_tokens ALTER COLUMN id SET DEFAULT uuidv7();
COMMENT ON COLUMN api_tokens.project_id IS 'The only project that it opens. Null: all of its holder''s.';
CREATE INDEX api_tokens_by_project ON api_tokens (project_id) WHERE project_id IS NOT NULL;

ALTER TABLE sessions NO FORCE ROW LEVEL SECURITY;
UPDATE sessions SET id = uuidv7() WHERE id IS NULL;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
ALTER TABLE api_tokens NO FORCE ROW LEVEL SECURITY;
UPDATE api_tokens SET id = uuidv7() WHERE id IS NULL;
ALTER TABLE api_tokens FORCE ROW LEVEL SECURITY;
-- Whoever was alone with an installation until now goes on managing it.
ALTER TABLE users NO FORCE ROW LEVEL SECURITY;
UPDATE users SET is_admin = true WHERE name = 'owner';
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE UNIQUE INDEX sessions_by_id ON sessions (id);
CREATE UNIQUE INDEX api_tokens_by_id ON api_tokens (id);

DO $$
DECLARE v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['user_identities', 'oidc_sign_ins', 'sign_in_tries'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', v_table);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', v_table);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO :definer', v_table);
        EXECUTE format('CREATE POLICY definer_keeps ON %I TO :definer USING (true) WITH CHECK (true)', v_table);
    END LOOP;
END $$;

-- The functions are the definer's, so it is the one that makes and replaces them.
GRANT CREATE ON SCHEMA app TO :definer;
SET LOCAL ROLE :definer;

-- Who is asking ----------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION app.user_id() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT found.user_id FROM (
        SELECT s.user_id FROM public.sessions s
        WHERE s.token_hash = decode(nullif(current_setting('app.session', true), ''), 'hex')
          AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
          AND s.last_used_at > clock_timestamp() - interval '12 hours'
        UNION ALL
        SELECT t.user_id FROM public.api_tokens t
        WHERE t.token_hash = decode(nullif(current_setting('app.session', true), ''), 'hex')
          AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp()
    ) found
    JOIN public.users u ON u.id = found.user_id AND u.disabled_at IS NULL
$$;

-- The token that is asking; no row for a session, or for nobody.
CREATE FUNCTION app.token() RETURNS TABLE (scope text, project_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT t.scope, t.project_id FROM public.api_tokens t
    WHERE t.token_hash = decode(nullif(current_setting('app.session', true), ''), 'hex')
      AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp()
$$;

CREATE OR REPLACE FUNCTION app.project_ids() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT coalesce(array_agg(m.project_id), '{}') FROM public.project_members m
    WHERE m.user_id = app.user_id()
      AND NOT EXISTS (SELECT FROM app.token() t WHERE t.project_id <> m.project_id)
$$;

-- May whoever asks manage people? A token may when its scope lets it do everything and it is bound to no project.
CREATE FUNCTION app.is_admin() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM public.users u WHERE u.id = app.user_id() AND u.is_admin)
       AND NOT EXISTS (SELECT FROM app.token() t WHERE t.scope <> 'admin' OR t.project_id IS NOT NULL)
$$;

DROP FUNCTION app.identify(bytea);
-- Who holds this session or token? Keeps its last use, at most once a minute. No scope: it is a session.
CREATE FUNCTION app.identify(p_hash bytea)
RETURNS TABLE (user_id uuid, user_name text, is_admin boolean, scope text, project_id uuid)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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

-- Opening the door. Only the login role may call these ---------------------------------------------------------------

-- The person at this machine, who manages the installation from the moment they are made; later changes stay.
CREATE FUNCTION app.ensure_owner(p_name text) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.users (name, is_admin) VALUES (p_name, true)
    ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id
$$;

-- What a password is compared with. One row always: nobody's has no hash, as that of a disabled person.
CREATE FUNCTION app.password_of(p_name text, OUT user_id uuid, OUT password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT max(u.id::text)::uuid, max(u.password_hash) FROM public.users u
    WHERE u.name = p_name AND u.disabled_at IS NULL
$$;

CREATE FUNCTION app.set_password(p_user uuid, p_hash text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    UPDATE public.users SET password_hash = p_hash WHERE id = p_user
$$;

-- A session; the one that the same browser had before is over.
CREATE FUNCTION app.open_session(p_hash bytea, p_user uuid, p_lifetime interval, p_method text, p_user_agent text,
    p_address text, p_replaced bytea) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    UPDATE public.sessions SET revoked_at = clock_timestamp() WHERE token_hash = p_replaced AND revoked_at IS NULL;
    INSERT INTO public.sessions (token_hash, user_id, expires_at, method, user_agent, address)
    SELECT p_hash, u.id, clock_timestamp() + p_lifetime, p_method, p_user_agent, p_address
    FROM public.users u WHERE u.id = p_user AND u.disabled_at IS NULL RETURNING id
$$;

-- All sessions of a person but those with this hash; returns how many.
CREATE FUNCTION app.revoke_sessions(p_user uuid, p_kept bytea) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    WITH ended AS (
        UPDATE public.sessions SET revoked_at = clock_timestamp()
        WHERE user_id = p_user AND revoked_at IS NULL AND token_hash IS DISTINCT FROM p_kept RETURNING 1
    )
    SELECT count(*) FROM ended
$$;

-- Use up a sign-in link; nothing for a used, expired or unknown one.
CREATE FUNCTION app.use_sign_in_link(p_link_hash bytea) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    UPDATE public.sign_in_links SET used_at = clock_timestamp()
    WHERE token_hash = p_link_hash AND used_at IS NULL AND expires_at > clock_timestamp()
    RETURNING user_id
$$;

CREATE FUNCTION app.issue_token(p_hash bytea, p_user uuid, p_name text, p_lifetime interval, p_scope text,
    p_project uuid) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.api_tokens (token_hash, user_id, name, expires_at, scope, project_id)
    VALUES (p_hash, p_user, p_name, clock_timestamp() + p_lifetime, p_scope, p_project) RETURNING id
$$;

CREATE FUNCTION app.revoke_token(p_hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    UPDATE public.api_tokens SET revoked_at = clock_timestamp() WHERE token_hash = p_hash AND revoked_at IS NULL
$$;

CREATE FUNCTION app.can_anybody_sign_in() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM public.users WHERE password_hash IS NOT NULL AND disabled_at IS NULL)
$$;

-- Projects by name, for the command line, which is at home in the database.
CREATE FUNCTION app.project_of_member(p_user uuid, p_name text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT p.id FROM public.projects p JOIN public.project_members m ON m.project_id = p.id AND m.user_id = p_user
    WHERE p.name = p_name OR p.id::text = p_name
$$;

-- How often somebody tried. Counts a try under all of its keys, or under none when one of them is full: then it returns
-- how long until that one has room. Tries with one key wait for each other, so that no burst slips through.
CREATE FUNCTION app.count_try(p_try uuid, p_keys bytea[], p_amounts integer[], p_windows interval[]) RETURNS interval
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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
    DELETE FROM public.sign_in_tries WHERE at < v_now - interval '1 hour';
    INSERT INTO public.sign_in_tries (key, at, try_id) SELECT k, v_now, p_try FROM unnest(p_keys) k;
    RETURN NULL;
END $$;

-- A try that was right is no attack.
CREATE FUNCTION app.forgive_try(p_try uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    DELETE FROM public.sign_in_tries WHERE try_id = p_try
$$;

CREATE FUNCTION app.begin_oidc(p_browser bytea, p_state text, p_nonce text, p_verifier text, p_redirect_uri text,
    p_lifetime interval) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    DELETE FROM public.oidc_sign_ins WHERE expires_at < clock_timestamp();
    INSERT INTO public.oidc_sign_ins VALUES
        (p_browser, p_state, p_nonce, p_verifier, p_redirect_uri, clock_timestamp() + p_lifetime)
$$;

-- Ends with the first answer, whatever that says.
CREATE FUNCTION app.end_oidc(p_browser bytea)
RETURNS TABLE (state text, nonce text, code_verifier text, redirect_uri text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    DELETE FROM public.oidc_sign_ins o WHERE o.browser_hash = p_browser
    RETURNING CASE WHEN o.expires_at > clock_timestamp() THEN o.state END, o.nonce, o.code_verifier, o.redirect_uri
$$;

CREATE FUNCTION app.user_of_identity(p_issuer text, p_subject text) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    UPDATE public.user_identities SET last_used_at = clock_timestamp()
    WHERE issuer = p_issuer AND subject = p_subject RETURNING user_id
$$;

CREATE FUNCTION app.link_identity(p_issuer text, p_subject text, p_user uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.user_identities (issuer, subject, user_id) VALUES (p_issuer, p_subject, p_user)
$$;

CREATE FUNCTION app.user_of_email(p_email text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT id FROM public.users WHERE lower(email) = lower(p_email)
$$;

-- A person; nothing when the name or the address is somebody's already.
CREATE FUNCTION app.add_user(p_name text, p_email text, p_admin boolean, p_password_hash text) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.users (name, email, is_admin, password_hash) VALUES (p_name, p_email, p_admin, p_password_hash)
    ON CONFLICT DO NOTHING RETURNING id
$$;

-- Null leaves as it is. Whoever is disabled has no session from then on.
CREATE FUNCTION app.change_user(p_user uuid, p_admin boolean, p_disabled boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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

-- Does somebody else go on managing people, when this person does no more?
CREATE FUNCTION app.is_last_admin(p_user uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT NOT EXISTS (SELECT FROM public.users WHERE is_admin AND disabled_at IS NULL AND id <> p_user)
$$;

CREATE FUNCTION app.users() RETURNS TABLE (id uuid, name text, email text, is_admin boolean, created_at timestamptz,
    disabled_at timestamptz, has_password boolean, issuers text[], last_seen_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.id, u.name, u.email, u.is_admin, u.created_at, u.disabled_at, u.password_hash IS NOT NULL,
        ARRAY(SELECT i.issuer FROM public.user_identities i WHERE i.user_id = u.id ORDER BY i.issuer),
        (SELECT max(s.last_used_at) FROM public.sessions s WHERE s.user_id = u.id)
    FROM public.users u ORDER BY u.name
$$;

-- What a person sees and ends of their own ---------------------------------------------------------------------------

CREATE FUNCTION app.own_sessions() RETURNS TABLE (id uuid, is_current boolean, method text, created_at timestamptz,
    last_used_at timestamptz, expires_at timestamptz, user_agent text, address text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT s.id, s.token_hash = decode(nullif(current_setting('app.session', true), ''), 'hex'), s.method, s.created_at,
        s.last_used_at, s.expires_at, s.user_agent, s.address
    FROM public.sessions s
    WHERE s.user_id = app.user_id() AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
      AND s.last_used_at > clock_timestamp() - interval '12 hours'
    ORDER BY s.last_used_at DESC, s.id DESC
$$;

CREATE FUNCTION app.revoke_own_session(p_id uuid) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    UPDATE public.sessions SET revoked_at = coalesce(revoked_at, clock_timestamp())
    WHERE id = p_id AND user_id = app.user_id() RETURNING true
$$;

CREATE FUNCTION app.own_tokens() RETURNS TABLE (id uuid, name text, scope text, project_id uuid, project_name text,
    created_at timestamptz, last_used_at timestamptz, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT t.id, t.name, t.scope, t.project_id, p.name, t.created_at, t.last_used_at, t.expires_at
    FROM public.api_tokens t LEFT JOIN public.projects p ON p.id = t.project_id
    WHERE t.user_id = app.user_id() AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp()
    ORDER BY t.created_at DESC, t.id DESC
$$;

-- The token's id; nothing for who is no member of the project.
CREATE FUNCTION app.issue_own_token(p_hash bytea, p_name text, p_lifetime interval, p_scope text, p_project uuid)
RETURNS uuid LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.api_tokens (token_hash, user_id, name, expires_at, scope, project_id)
    SELECT p_hash, app.user_id(), p_name, clock_timestamp() + p_lifetime, p_scope, p_project
    WHERE app.user_id() IS NOT NULL AND (p_project IS NULL OR p_project = ANY (app.project_ids()))
    RETURNING id
$$;

CREATE FUNCTION app.revoke_own_token(p_id uuid) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    UPDATE public.api_tokens SET revoked_at = coalesce(revoked_at, clock_timestamp())
    WHERE id = p_id AND user_id = app.user_id() RETURNING true
$$;

CREATE FUNCTION app.own_account() RETURNS TABLE (name text, email text, is_admin boolean, has_password boolean,
    issuers text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT u.name, u.email, u.is_admin, u.password_hash IS NOT NULL,
        ARRAY(SELECT i.issuer FROM public.user_identities i WHERE i.user_id = u.id ORDER BY i.issuer)
    FROM public.users u WHERE u.id = app.user_id()
$$;

-- The people of the installation, for who manages them; nobody else gets a row.
CREATE FUNCTION app.managed_users() RETURNS TABLE (id uuid, name text, email text, is_admin boolean,
    created_at timestamptz, disabled_at timestamptz, has_password boolean, issuers text[], last_seen_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT * FROM app.users() WHERE app.is_admin()
$$;

REVOKE ALL ON FUNCTION app.token(), app.is_admin(), app.identify(bytea), app.ensure_owner(text), app.password_of(text),
    app.set_password(uuid, text), app.open_session(bytea, uuid, interval, text, text, text, bytea),
    app.revoke_sessions(uuid, bytea), app.use_sign_in_link(bytea),
    app.issue_token(bytea, uuid, text, interval, text, uuid), app.revoke_token(bytea), app.can_anybody_sign_in(),
    app.project_of_member(uuid, text), app.count_try(uuid, bytea[], integer[], interval[]), app.forgive_try(uuid),
    app.begin_oidc(bytea, text, text, text, text, interval), app.end_oidc(bytea), app.user_of_identity(text, text),
    app.link_identity(text, text, uuid), app.user_of_email(text), app.add_user(text, text, boolean, text),
    app.change_user(uuid, boolean, boolean), app.is_last_admin(uuid), app.users(), app.own_sessions(),
    app.revoke_own_session(uuid), app.own_tokens(), app.issue_own_token(bytea, text, interval, text, uuid),
    app.revoke_own_token(uuid), app.own_account(), app.managed_users() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION app.token(), app.is_admin(), app.own_sessions(), app.revoke_own_session(uuid),
    app.own_tokens(), app.issue_own_token(bytea, text, interval, text, uuid), app.revoke_own_token(uuid),
    app.own_account(), app.managed_users() TO :user;
GRANT EXECUTE ON FUNCTION app.identify(bytea), app.ensure_owner(text), app.password_of(text),
    app.set_password(uuid, text), app.open_session(bytea, uuid, interval, text, text, text, bytea),
    app.revoke_sessions(uuid, bytea), app.use_sign_in_link(bytea),
    app.issue_token(bytea, uuid, text, interval, text, uuid), app.revoke_token(bytea), app.can_anybody_sign_in(),
    app.project_of_member(uuid, text), app.count_try(uuid, bytea[], integer[], interval[]), app.forgive_try(uuid),
    app.begin_oidc(bytea, text, text, text, text, interval), app.end_oidc(bytea), app.user_of_identity(text, text),
    app.link_identity(text, text, uuid), app.user_of_email(text), app.add_user(text, text, boolean, text),
    app.change_user(uuid, boolean, boolean), app.is_last_admin(uuid), app.users() TO :login;

SET LOCAL ROLE :owner;
REVOKE CREATE ON SCHEMA app FROM :definer;
