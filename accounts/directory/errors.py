class Away(Exception):
    """The directory does not answer, or not as it should: of nobody is anything known."""
