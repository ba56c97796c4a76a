"""Template tags of the pages for members."""
