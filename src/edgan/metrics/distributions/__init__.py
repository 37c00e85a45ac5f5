"""Metrics of distributions: a model's pictures are compared with real ones as a set."""
