"""What push/ and robots/ have in common: how a try ends."""


class Later(Exception):
    """It was not taken now; `seconds` are those that the other side asks for, or 0. `perhaps`: it
    may have been taken nevertheless, as where the answer did not come."""

    def __init__(self, reason: str, seconds: float = 0.0, perhaps: bool = False):
        super().__init__(reason)
        self.reason, self.seconds, self.perhaps = reason, seconds, perhaps


class Failed(Exception):
    """It is not taken, and a repeat would not be either. `reason` is shown where the device or the
    robot is set up."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason
