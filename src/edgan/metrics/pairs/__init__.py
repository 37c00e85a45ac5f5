"""Metrics of pairs: each picture is compared with its original."""
