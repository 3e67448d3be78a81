#!/usr/bin/env python3
"""Draws BLEU by words of the source from what `steno evaluate --json` prints.

    plot_bleu_by_length.py OUT.svg NAME=EVALUATION.json ...

Needs matplotlib.
"""
import json
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt


def main():
    if len(sys.argv) < 3 or not all("=" in argument for argument in sys.argv[2:]):
        sys.exit(__doc__)
    plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "steno", "font.size": 11})
    figure, axes = plt.subplots(figsize=(8.5, 4.2), layout="constrained")
    for argument, marker in zip(sys.argv[2:], "osD^v"):
        name, path = argument.split("=", 1)
        with open(path, encoding="utf-8") as file:
            groups = json.load(file)["by_length"]
        axes.plot(range(len(groups)), [group["bleu"] for group in groups], marker=marker, label=name)
    labels = [f"{max(1, g['shortest'])} to {g['longest']}" if g.get("longest") else f"{g['shortest']} or more" for g in groups]
    axes.set_xticks(range(len(groups)), [f"{label}\nn = {g['lines']:,}" for label, g in zip(labels, groups)])
    axes.set_xlabel("words of the source")
    axes.set_ylabel("BLEU")
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(sys.argv[1], metadata={"Date": None})


main()
