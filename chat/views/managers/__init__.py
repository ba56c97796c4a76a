"""Pages of the administration: home, live view, reports, archive."""
