"""Enterprises, members and teams: models, sign-in, passwords, profiles, working hours, and their
administration. `chat` and `kefu` import this app; it imports nothing of them but `kefu.drawing`."""
