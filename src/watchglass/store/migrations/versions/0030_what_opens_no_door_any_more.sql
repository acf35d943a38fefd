-- What opens no door any more is taken away in the background, and the installation's log is read by what is looked for.

GRANT DELETE ON sessions, api_tokens, sign_in_links TO :definer;

GRANT CREATE ON SCHEMA app TO :definer;
SET LOCAL ROLE :definer;

-- Takes away what ended longer ago than p_kept, at most p_limit rows of each table, and returns how many of each.
-- What still opens a door stays, whatever p_kept says. Of each person the session that was used last stays: it says when
-- they were last seen. Sign-ins that are under way, and tries, count for minutes, so theirs are kept for an hour.
CREATE FUNCTION app.take_away_ended(p_kept interval, p_limit integer, OUT sessions bigint, OUT tokens bigint,
    OUT links bigint, OUT oidc bigint, OUT tries bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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

-- As before, without taking away old rows while somebody waits at the door.
CREATE OR REPLACE FUNCTION app.count_try(p_try uuid, p_keys bytea[], p_amounts integer[], p_windows interval[])
RETURNS interval LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
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

CREATE OR REPLACE FUNCTION app.begin_oidc(p_browser bytea, p_state text, p_nonce text, p_verifier text,
    p_redirect_uri text, p_lifetime interval) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.oidc_sign_ins VALUES
        (p_browser, p_state, p_nonce, p_verifier, p_redirect_uri, clock_timestamp() + p_lifetime)
$$;

-- As before; and what an OpenID provider decided, no person here did, nor somebody at the command line.
CREATE OR REPLACE FUNCTION app.add_installation_line(p_by uuid, p_action text, p_target uuid, p_details jsonb)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO public.installation_log (user_id, user_name, action, target, details)
    VALUES (p_by, (SELECT name FROM public.users WHERE id = p_by), p_action, p_target::text,
            p_details || jsonb_build_object('of', (SELECT name FROM public.users WHERE id = p_target))
            || CASE WHEN p_by IS NULL AND current_setting('app.by_provider', true) = 'true'
                    THEN '{"byProvider": true}'::jsonb ELSE '{}'::jsonb END)
$$;

-- The newest of these actions (null: of all), from the first one before a line's time and id; none for who is no
-- administrator.
CREATE FUNCTION app.installation_lines(p_at timestamptz, p_id uuid, p_limit integer, p_actions text[])
RETURNS TABLE (id uuid, at timestamptz, user_name text, action text, target text, details jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT l.id, l.at, l.user_name, l.action, l.target, l.details FROM public.installation_log l
    WHERE (SELECT app.is_admin()) AND (p_at IS NULL OR (l.at, l.id) < (p_at, p_id))
      AND (p_actions IS NULL OR l.action = ANY (p_actions))
    ORDER BY l.at DESC, l.id DESC LIMIT p_limit
$$;

REVOKE ALL ON FUNCTION app.take_away_ended(interval, integer),
    app.installation_lines(timestamptz, uuid, integer, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.take_away_ended(interval, integer) TO :login;
GRANT EXECUTE ON FUNCTION app.installation_lines(timestamptz, uuid, integer, text[]) TO :user;

SET LOCAL ROLE :owner;
REVOKE CREATE ON SCHEMA app FROM :definer;
