"""The same conditions for every contestant: imported before all libraries, which look for them when they are loaded.

One thread, on one processor: on a machine that is shared, one may be a fifth slower than its neighbour for minutes.
Each library chooses the kernels for the processor itself, whatever the shell says.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")}
for _choice in (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
    "MKL_ENABLE_INSTRUCTIONS",
    "ATEN_CPU_CAPABILITY",
    "ONEDNN_MAX_CPU_ISA",
    "NPY_DISABLE_CPU_FEATURES",
):
    os.environ.pop(_choice, None)
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
sys.path.insert(0, str(Path(__file__).parent.parent))


def conditions() -> str:
    """What is compared, and how, for the first line that a benchmark prints."""
    import numpy as np
    import torch
    from threadpoolctl import threadpool_info

    kernels = {pool.get("architecture", "unknown") for pool in threadpool_info() if pool["user_api"] == "blas"}
    return (
        f"NumPy {np.__version__} with the BLAS kernels {', '.join(sorted(kernels))}, PyTorch {torch.__version__}, "
        "float64, one thread on one processor"
    )
