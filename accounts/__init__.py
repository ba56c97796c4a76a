"""Enterprises, teams, members."""
