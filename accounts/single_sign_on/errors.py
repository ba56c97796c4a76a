class Refused(Exception):
    """Why a sign-in is refused, as a sentence for the person who tries."""
