"""One BLAS thread for each process: parallel test workers would fight over the cores."""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

collect_ignore = ["adopter"]  # a project of its own, run by test_adopter.py
