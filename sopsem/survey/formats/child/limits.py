"""What the child process allows itself, where the system can hold a process to it."""

import sys

try:
    import resource
except ImportError:  # Windows, where the parent's time limit is all there is
    resource = None  # type: ignore[assignment]

__all__ = ["limit_process"]


def limit_process(memory: int, seconds: int, output: int) -> bool:
    """Limit memory (bytes), processor time (seconds) and the size of the answer; say whether that was possible."""
    if resource is None:
        return False
    wanted = {"RLIMIT_CPU": seconds, "RLIMIT_FSIZE": output, "RLIMIT_CORE": 0}
    if sys.platform != "darwin":  # macOS refuses this one
        wanted["RLIMIT_AS"] = memory
    for name, amount in wanted.items():
        kind = getattr(resource, name)
        _, highest = resource.getrlimit(kind)
        most = amount if highest == resource.RLIM_INFINITY else min(amount, highest)
        resource.setrlimit(kind, (most, most))
    return "RLIMIT_AS" in wanted
