"""Run as a script: becomes another program that does not outlive the process that started it.

    python -I -S tether.py PARENT_PID SIGNAL UID GID PROGRAM ARGUMENT…

UID and GID are -1 to stay who we are. On Linux the kernel sends SIGNAL to the program when its parent goes,
even by SIGKILL. Other systems have no such promise; there the next owner of the data directory ends what was
left running.

A script and not a `preexec_fn`, because Python code between fork and exec can deadlock in a process with
threads. The death signal is set after the change of user, which would clear it.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, signal, uid, gid = (int(word) for word in sys.argv[1:5])
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # What servers keep is for nobody else on this machine.
    os.umask(0o077)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal)
        if os.getppid() != parent:
            # It went before the kernel was asked to tell us.
            sys.exit(1)
    os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606 - becoming the program is the point


if __name__ == "__main__":
    main()
