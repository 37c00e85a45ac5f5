"""Metrics of pairs: each picture beside its original."""
