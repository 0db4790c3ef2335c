"""Keeps a site running: backups, restores, and what is wrong with it."""
