from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

import watchglass.store
from watchglass.store.schema import head_revision, known_revisions


def test_file_names_tell_the_revisions_that_alembic_reads() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(watchglass.store.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert head_revision() == scripts.get_current_head()
    assert known_revisions() == sorted(script.revision for script in scripts.walk_revisions())
