"""Pairs: from a label map, an edge drawing, ... to the picture."""
