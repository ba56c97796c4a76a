"""What push/ and robots/ have in common: how a try ends."""


class Later(Exception):
    """It was not taken now; `seconds` are those that the other side asks for, or 0."""

    def __init__(self, reason: str, seconds: float = 0.0):
        super().__init__(reason)
        self.reason, self.seconds = reason, seconds


class Failed(Exception):
    """It is not taken, and a repeat would not be either. `reason` is shown where the device or the
    robot is set up."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason
