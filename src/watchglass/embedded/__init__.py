"""Starts and stops a private PostgreSQL and a private Temporal dev server on this machine.

    EmbeddedPostgres, EmbeddedTemporal   the two servers
      KeptProcess                        started, watched, started again when it dies, stopped
        Child                            one program in a session of its own, tied to our life by `tether`
    DirectoryLock                        one owner per data directory

Everything listens on 127.0.0.1 only. Needs Linux or macOS.
"""
