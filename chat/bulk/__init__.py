"""Whole enterprises at once: invented (`demo`), from another system (`adoption`), as a file
(`portability`)."""
