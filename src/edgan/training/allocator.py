"""How the C library handles the memory that a training step frees."""

from __future__ import annotations

import ctypes
import platform

_TRIM_THRESHOLD = -1  # glibc's malloc.h: M_TRIM_THRESHOLD and M_MMAP_MAX
_MMAP_MAX = -4
_MOST = 2**31 - 1


def keep_freed_memory() -> bool:
    """Ask glibc to keep freed memory in the process for the next step, which needs the same amount.

    By default it returns large blocks to the system and requests them again at every step, and the system zeroes each
    page: about 20,000 page faults per step of ED//GAN at 64 px, a tenth of a core's time, and 270,000 per step of
    CDNet at the preset `paper`, whose gradients take 650 MB: a third of a core's time. Blocks above 32 MiB are
    returned whatever the thresholds are, unless none may be mapped by itself. The peak memory of the process is up to
    a tenth higher; between peaks it holds more.

    Returns:
        Whether the process runs on glibc. With other C libraries nothing is done.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_MMAP_MAX, 0)) and bool(mallopt(_TRIM_THRESHOLD, _MOST))
