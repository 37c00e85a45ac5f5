"""Metrics of variety: how much a model's pictures and residuals differ from image to image."""
