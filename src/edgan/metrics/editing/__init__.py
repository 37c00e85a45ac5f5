"""Metrics of editing: whether an attribute changes, how far, and what changes with it."""
