"""Metrics of latents: what they reveal about an attribute, and whether two of them are independent."""
