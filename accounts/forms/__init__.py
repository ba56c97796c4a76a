"""Forms: of members, of working hours, of texts in each language."""
