"""Accounts of editors: log-in, second factor, sessions, lost passwords."""
