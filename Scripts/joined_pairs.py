#!/usr/bin/env python3
"""Joins pairs of texts N at a time with a space between, for long sources of which each part is known.

    joined_pairs.py N < test.tsv > joined.tsv

Lines are source, tab, target (or the other way round). The pairs are shuffled with a fixed seed first, because
neighbours of a test set are often translations of one sentence; what is left over at the end is dropped.
"""
import random
import sys


def main():
    if len(sys.argv) != 2 or not sys.argv[1].isdigit() or int(sys.argv[1]) < 1:
        sys.exit(__doc__)
    count = int(sys.argv[1])
    pairs = [line.rstrip("\n").split("\t") for line in sys.stdin if line.strip()]
    random.Random(1).shuffle(pairs)
    for start in range(0, len(pairs) - count + 1, count):
        print("\t".join(map(" ".join, zip(*pairs[start:start + count]))))


main()
