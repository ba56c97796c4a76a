"""Filters and tags of the chat's templates."""
