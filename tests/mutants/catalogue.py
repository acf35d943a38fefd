"""Planted faults: each is one change of a source text, and names the tests that have to notice it."""

from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src" / "watchglass"


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    """Below src/watchglass."""
    old: str
    """Occurs once in the file."""
    new: str
    tests: tuple[str, ...]
    """What pytest is given; they pass without the fault, and at least one of them fails with it."""

    def planted(self, text: str) -> str:
        """The file's text with the fault in it."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: the text to change occurs {text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)


_CRASHES = "tests/acceptance/test_crash_points.py::test_no_crash_point_leaves_anything_half_done"
_AT_ONCE = "tests/acceptance/test_syncs_at_once.py"
_GONE = "tests/acceptance/test_gone_runs.py"
_FAILOVER = "tests/acceptance/test_failover.py"
_PLANTED = "tests/acceptance/test_planted_secrets.py::test_planted_secrets_are_nowhere"
_ROLLUPS = "tests/statistics/test_rollups.py::test_a_storm"
_STORM = "tests/statistics/test_storm.py::test_figures_stay_exact_while_processes_die"

MUTANTS = (
    Mutant(
        "guard dropped: an older reading overwrites a newer one",
        "sync/save.py",
        " and (run.replaces or run.execution.last_event_id >= state.synced_event_id)\n",
        "\n",
        (f"{_AT_ONCE}::test_an_older_reading_changes_nothing",),
    ),
    Mutant(
        "guard dropped: what was read of one history is added to another",
        "sync/save.py",
        "    return any(event.event_id == both and same_event(event, stored) for event in unpack_events(page.data))\n",
        "    return True\n",
        (f"{_AT_ONCE}::test_what_was_read_of_one_history_is_not_added_to_another",),
    ),
    Mutant(
        "guard dropped: what was read by rules of before is stored",
        "sync/save.py",
        "if run.redaction_revision != rules.get(state.key.project_id) or not await",
        "if not await",
        (f"{_AT_ONCE}::test_what_was_read_by_rules_of_before_is_not_stored",),
    ),
    Mutant(
        "guard dropped: rows of before are written over those that were derived again",
        "sync/save.py",
        "    if state.content_revision != run.state.content_revision:\n",
        "    if state.content_revision < run.state.content_revision:\n",
        (f"{_AT_ONCE}::test_rows_that_were_derived_again_are_not_overwritten_by_who_read_before",),
    ),
    Mutant(
        "lock dropped: two syncs of one run write at the same time",
        "store/sync_states.py",
        '"ORDER BY project_id, id FOR UPDATE"',
        '"ORDER BY project_id, id"',
        (f"{_AT_ONCE}::test_one_reading_saved_by_eight_at_once_counts_once",),
    ),
    Mutant(
        "transient events stored",
        "parse/trailing.py",
        "    while end and events[end - 1].event_type in _TRANSIENT:\n",
        "    while end and False:\n",
        (f"{_AT_ONCE}::test_events_that_the_server_may_replace_are_not_kept",),
    ),
    Mutant(
        "totals written outside the transaction",
        "statistics/keep.py",
        "        await _note(writer, after, before)\n",
        '        await writer.execute("COMMIT")\n'
        '        await writer.execute("BEGIN")\n'
        "        await _note(writer, after, before)\n",
        (f"{_CRASHES}[first_sync]",),
    ),
    Mutant(
        "page token of a history ignored",
        "temporal/history.py",
        "        if not token:\n            return\n        request.next_page_token = token\n",
        "        return\n",
        (f"{_AT_ONCE}::test_a_history_of_many_pages_is_what_temporal_exports",),
    ),
    Mutant(
        "page token of a history read backwards ignored",
        "temporal/history.py",
        "        if not answer.next_page_token:\n            return newest_first[::-1]\n",
        "        return newest_first[::-1]\n",
        (f"{_AT_ONCE}::test_a_history_of_many_pages_is_what_temporal_exports",),
    ),
    Mutant(
        "page token of a list ignored",
        "temporal/visibility.py",
        "        if not answer.next_page_token:\n            return\n",
        "        return\n",
        (f"{_CRASHES}[back_fill]",),
    ),
    Mutant(
        "our own clock believed: where a look ended is told by it",
        "sync/discover.py",
        "    return max(state.seen_until + step, found.newest or state.seen_until)\n",
        "    return now\n",
        ("tests/acceptance/test_discovery.py::test_a_clock_of_ours_that_is_an_hour_off_loses_nothing",),
    ),
    Mutant(
        "NOT_FOUND swallowed",
        "sync/one.py",
        "        return await _missing(parts.store, state)\n",
        "        return SyncOutcome(synced=True, changed=False, error=None)\n",
        (f"{_GONE}::test_an_open_run_that_temporal_deleted_becomes_unknown",),
    ),
    Mutant(
        "one NOT_FOUND believed at once",
        "sync/gone.py",
        "        if since is None or since < timedelta(seconds=MISSING_RETRY_SECONDS - 1):\n",
        "        if False:\n",
        (f"{_GONE}::test_an_open_run_that_temporal_deleted_becomes_unknown",),
    ),
    Mutant(
        "nothing is ever set aside",
        "sync/one.py",
        "    set_aside = failures >= TRIES_BEFORE_SET_ASIDE and not is_away\n",
        "    set_aside = False\n",
        (f"{_CRASHES}[set_aside]",),
    ),
    Mutant(
        "a server that is away sets runs aside",
        "sync/one.py",
        "    is_away = _is_away(error)\n",
        "    is_away = False\n",
        ("tests/acceptance/test_away_servers.py::test_a_server_that_is_away_sets_nothing_aside_however_long",),
    ),
    Mutant(
        "budget ignored",
        "sync/budget.py",
        "        self._left = grant.calls\n",
        "        self._left = grant.calls * 3\n",
        ("tests/sync/test_budget.py::test_two_processes_together_never_exceed_the_budget",),
    ),
    Mutant(
        "leases of back-fill jobs never renewed, and not asked after",
        "store/backfills.py",
        "        WHERE project_id = $1 AND id = $2 AND holder = $3 AND state = 'running' RETURNING id\n",
        "        WHERE project_id = $1 AND id = $2 AND ($3::uuid IS NULL OR true) RETURNING id\n",
        (f"{_AT_ONCE}::test_who_lost_a_job_writes_nothing_more_of_it",),
    ),
    Mutant(
        "work that is done for long is not kept from others",
        "store/queue.py",
        "        SET next_sync_at = clock_timestamp() + $3 * interval '1 second'\n        WHERE next_sync_at <",
        "        SET next_sync_at = next_sync_at\n        WHERE next_sync_at <",
        (f"{_AT_ONCE}::test_what_one_works_on_is_not_due_for_another",),
    ),
    Mutant(
        "cursor of a back-fill committed before its rows",
        "sync/backfill.py",
        "        if count:\n            async for walked in pages.list(window.condition):\n",
        "        if window.end is not None:\n"
        "            await pages.note(Advance(listed_until=window.end))\n"
        "        else:\n"
        "            await pages.note(Advance(phase=Phase.OPEN))\n"
        "        if count:\n            async for walked in pages.list(window.condition):\n",
        (f"{_CRASHES}[back_fill]",),
    ),
    Mutant(
        "cursor of a discovery committed before its rows",
        "sync/discover.py",
        "    found = Discovered()\n    if state.seen_until is not None:\n",
        "    found = Discovered()\n"
        "    async with parts.store.write() as writer:\n"
        "        await save_look(writer, connections, discovered_until=now, seen_until=now, rescanned_at=now)\n"
        "    if state.seen_until is not None:\n",
        (f"{_CRASHES}[discovery]",),
    ),
    Mutant(
        "stored history not dropped when it is replaced",
        "sync/save.py",
        "            await drop_pages(writer, project_id=project_id, execution_id=execution_id)\n",
        "            pass\n",
        (f"{_CRASHES}[replaced_history]",),
    ),
    Mutant(
        "no overlap between two looks",
        "sync/discover.py",
        "        since = state.seen_until - (LONG_OVERLAP if rescan else OVERLAP)\n",
        "        since = state.seen_until + OVERLAP * 0\n",
        ("tests/acceptance/test_discovery.py::test_a_list_that_is_minutes_late_loses_nothing",),
    ),
    Mutant(
        "work is taken without being marked as taken",
        "store/queue.py",
        "        UPDATE workflow_executions e SET next_sync_at = statement_timestamp() + $3 * interval '1 second'\n",
        "        UPDATE workflow_executions e SET next_sync_at = e.next_sync_at + $3 * interval '0 second'\n",
        (f"{_AT_ONCE}::test_what_one_works_on_is_not_due_for_another",),
    ),
    Mutant(
        "the journal of a drawn run that is copied further is left out",
        "sync/save.py",
        "        if entry.event_id > state.synced_event_id or writes_anew(state, run)\n",
        "        if state.synced_event_id == 0 or writes_anew(state, run)\n",
        (
            "tests/api/test_run_graph.py::test_a_copy_that_grows_is_the_copy_of_the_whole",
            f"{_CRASHES}[drawn_increment]",
        ),
    ),
    Mutant(
        "a choice of a drawing that cannot be read is taken for none",
        "parse/built.py",
        "    choice: Choice = UNKNOWN_CHOICE\n",
        "    choice: Choice = Choice(None)\n",
        ("tests/parse/test_built.py::TestVerdicts::test_a_graph_that_cannot_be_read_leaves_it_open",),
    ),
    Mutant(
        "failover: what had closed is never read again",
        "store/failovers.py",
        '    if reached <= row["done"]:\n',
        "    if True:\n",
        (f"{_FAILOVER}::test_a_close_that_was_replaced_is_replaced_in_the_copy_event_for_event",),
    ),
    Mutant(
        "failover: one round is taken for enough",
        "store/failovers.py",
        'reached = sum(after <= row["since"] for after in RECHECK_AFTER)',
        "reached = 1",
        (f"{_FAILOVER}::test_it_is_read_again_for_an_hour_and_then_no_more",),
    ),
    Mutant(
        "failover: the version of a cluster that lags is believed",
        "store/failovers.py",
        "failover_version < $3)",
        "failover_version <> $3)",
        (f"{_FAILOVER}::test_a_lower_version_and_the_same_one_say_nothing",),
    ),
    Mutant(
        "a server that acknowledges what is not on disk is taken",
        "store/durability.py",
        'if row[name] == "off"]',
        'if row[name] == "of"]',
        ("tests/store/test_durability.py::test_a_server_that_may_forget_is_refused_until_it_may_not",),
    ),
    Mutant(
        "a connection that is silent is taken for one on which nothing happens",
        "sync/listening.py",
        "                while not await _is_set_within(lost, ALIVE_EVERY_SECONDS):\n"
        '                    await connection.fetchval("SELECT 1")\n',
        "                await lost.wait()\n",
        ("tests/acceptance/test_bad_network.py::test_news_is_heard_again_after_a_connection_was_lost_without_a_word",),
    ),
    Mutant(
        "whoever waits for a database connection waits for all before",
        "store/scope.py",
        "async with pool.acquire(timeout=TURN_SECONDS)",
        "async with pool.acquire()",
        ("tests/test_deadlines.py::test_every_call_of_a_server_has_one",),
    ),
    Mutant(
        "a cancellation is taken for an outage",
        "store/scope.py",
        "if task is not None and task.cancelling() and is_outage(error):",
        "if task is None:",
        ("tests/store/test_cancelled.py::test_a_cancellation_is_not_taken_for_an_outage",),
    ),
    Mutant(
        "a child that is stuck is waited for",
        "sync/workflows.py",
        "if was_due and self._goes_beside:",
        "if was_due and not self._goes_beside:",
        ("tests/acceptance/test_coordinator_faults.py::test_a_child_that_is_stuck_keeps_its_run_from_nobody",),
    ),
    Mutant(
        "a run that left the queue uncopied is not missed",
        "store/unowned.py",
        "level = 'all' OR (level",
        "level = 'none' OR (level",
        ("tests/acceptance/test_unowned.py::test_one_that_left_the_queue_uncopied_is_nobodys",),
    ),
    Mutant(
        "a role that somebody took stays in the pool",
        "store/pool.py",
        'return f"RESET ROLE;\\n{super().get_reset_query()}"',
        "return super().get_reset_query()",
        ("tests/store/rls/test_attacks.py::TestPools::test_nothing_of_a_request_stays_in_the_pool",),
    ),
    Mutant(
        "a connection that was ready once is never made ready again",
        "store/pool.py",
        "self._protocol.queries_count == self._ready_at",
        "self._ready_at >= 0",
        ("tests/store/rls/test_attacks.py::TestPools::test_nothing_of_a_request_stays_in_the_pool",),
    ),
    Mutant(
        "people read as the role that signs them in",
        "store/scope.py",
        "SELECT set_config('role', $1, true), set_config('app.session', $2, true)",
        "SELECT $1::text, set_config('app.session', $2, true)",
        (
            "tests/store/rls/test_attacks.py::TestWhoIsAsking::"
            "test_who_left_a_project_and_whose_token_is_revoked_see_nothing_at_the_next_request",
        ),
    ),
    Mutant(
        "a database URL that cannot be read is told in the reader's words",
        "store/connect.py",
        "            return unusable_url()\n",
        '            return StartupError(f"The database URL is not one that PostgreSQL understands: {error}.")\n',
        ("tests/test_secrets_in_errors.py::test_a_database_url_that_cannot_be_read_is_not_repeated",),
    ),
    Mutant(
        "a profile that cannot be read is told in the reader's words",
        "temporal/profile.py",
        "    if found is None:\n",
        "    if found is None or said:\n",
        ("tests/test_secrets_in_errors.py::test_a_profile_that_cannot_be_read_is_told_by_line_and_column",),
    ),
    Mutant(
        "pg_dump is given a password on its command line",
        "cli/dump.py",
        'if key != "password"])',
        "])",
        ("tests/test_secrets_in_errors.py::test_a_password_goes_to_pg_dump_beside_its_command_line",),
    ),
    Mutant(
        "planted secrets: a token that a request shows is in the log at level debug",
        "auth/credential.py",
        "        is_bearer = authorization.lower().startswith(_BEARER)\n",
        "        is_bearer = authorization.lower().startswith(_BEARER)\n"
        '        __import__("structlog").get_logger().debug("asked", token=token)\n',
        (_PLANTED,),
    ),
    Mutant(
        "planted secrets: an address is repeated with its password",
        "temporal/addresses.py",
        'named = "This" if "@" in address else repr(address)',
        "named = repr(address)",
        (_PLANTED,),
    ),
    Mutant(
        "planted secrets: a path that is no name is repeated",
        "api/trpc/request.py",
        "return self.path if is_told else None",
        "return self.path",
        (_PLANTED,),
    ),
    Mutant(
        "figures: what is not folded yet is not read",
        "statistics/lines_query.py",
        "strict=True)\n    ]\n    by = ",
        "strict=True)\n    ]\n    del needed[1]\n    by = ",
        (_ROLLUPS,),
    ),
    Mutant(
        "figures: what is folded is not taken away",
        "statistics/fold.py",
        'await writer.execute(f"DELETE FROM {kept.changes} WHERE id = ANY ($1::uuid[])", taken)  # noqa: S608',
        "pass",
        (_ROLLUPS,),
    ),
    Mutant(
        "figures: a bucket is split with what is noted and not folded counted twice",
        "statistics/rollups.py",
        'figures = ", ".join(f"-{name}" for name in kept.sums)',
        'figures = ", ".join(f"0 * {name}" for name in kept.sums)',
        (_ROLLUPS,),
    ),
    Mutant(
        "figures: an extreme that is lost stays",
        "statistics/fold.py",
        "            await find_extremes(writer, kept, project_id, lost)\n",
        "            del lost\n",
        (_ROLLUPS,),
    ),
    Mutant(
        "figures: a window reads whole minutes at its edges",
        "statistics/grains.py",
        "    if grain is Grain.MINUTE or not is_split(grain, bucket):\n        yield Piece(None, start, end)\n",
        "    if grain is Grain.MINUTE:\n        yield Piece(grain, bucket, next_bucket(grain, bucket))\n"
        "    elif not is_split(grain, bucket):\n        yield Piece(None, start, end)\n",
        (_ROLLUPS,),
    ),
    Mutant(
        "figures: nobody is told that an extreme is lost",
        "statistics/contribution.py",
        "is_correction = any(extreme is not None for extreme in figures.extremes)",
        "is_correction = False",
        (_ROLLUPS,),
    ),
    Mutant(
        "figures in a storm: one change of a step is not noted",
        "statistics/keep.py",
        "    components = list(_changes(COMPONENTS, after.components, before.components))\n",
        "    components = list(_changes(COMPONENTS, after.components, before.components))[1:]\n",
        (_STORM,),
    ),
    Mutant(
        "figures in a storm: what is noted is folded twice",
        "statistics/fold.py",
        "            await add_to_rollups(writer, kept, source, [taken], every=False)\n",
        "            await add_to_rollups(writer, kept, source, [taken], every=False)\n"
        "            await add_to_rollups(writer, kept, source, [taken], every=False)\n",
        (_STORM,),
    ),
    Mutant(
        "figures in a storm: who derives runs again says nothing to the figures",
        "sync/rederive.py",
        "            async with totals_kept(writer, [(key.project_id, key.id) for key in touched]):\n",
        "            async with totals_kept(writer, []):\n",
        (_STORM,),
    ),
)
