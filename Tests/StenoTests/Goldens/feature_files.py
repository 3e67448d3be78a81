#!/usr/bin/env python3
"""Writes the files that FeatureFileTests compares with, from one small matrix.

    pip install numpy==2.4.6 kaldiio==2.18.1
    python3 feature_files.py

matrix.npy is numpy's, matrix.ark kaldiio's (the matrix two times, as "one" and "two-2"). matrix.htk follows The HTK
Book (3.4.1), section 5.10.1: no library of today writes it.
"""

import struct
from pathlib import Path

import kaldiio
import numpy

folder = Path(__file__).parent
matrix = (numpy.arange(12, dtype=numpy.float32).reshape(4, 3) - 5) / 8

numpy.save(folder / "matrix.npy", matrix)
kaldiio.save_ark(str(folder / "matrix.ark"), {"one": matrix, "two-2": matrix[:2]})
# Rows, 100 ns a row, bytes a row, kind: filter bank; all big-endian.
header = struct.pack(">iihh", 4, 100_000, 12, 7)
(folder / "matrix.htk").write_bytes(header + matrix.astype(">f4").tobytes())
