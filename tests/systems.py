"""Marks of tests that need what only POSIX systems have."""

from __future__ import annotations

import os

import pytest

posix_files = pytest.mark.skipif(
    os.name == "nt", reason="Windows has no named pipes, devices or file permissions, and links need a privilege"
)
posix_signals = pytest.mark.skipif(os.name == "nt", reason="Windows ends a process that is sent a signal")
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork processes")
