"""What can go wrong with the sandbox itself; none of it says anything about a candidate."""


class SandboxError(Exception):
    """A run could not be performed; the machine or the service is at fault."""


class IsolationError(SandboxError):
    """A required layer of isolation cannot be had on this machine."""
