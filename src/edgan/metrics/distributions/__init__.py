"""Metrics of distributions: a model's pictures beside real ones."""
