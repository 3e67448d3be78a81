#!/usr/bin/env python3
"""How surprising replies are to a word trigram: what a model of dialogue is held against.

    trigram_perplexity.py TRAIN TEST [--kept FILE]

TRAIN and TEST are files of prompt, tab and reply (gzip or not). The trigram learns the replies of TRAIN, by interpolated
modified Kneser-Ney smoothing (Chen, Goodman 1999, "An empirical study of smoothing techniques for language modeling",
with their estimate of the three discounts). Its words are runs of letters and digits, and single other signs, with the
space before them; so their probabilities multiply to that of the text. Replies of TEST with a word that TRAIN lacks are
left out, because the trigram cannot write them; --kept writes the pairs that remain, for `steno evaluate`.

Perplexity is per word between spaces, the end of each reply counting as one, as `steno evaluate` counts.
"""
import argparse
import collections
import gzip
import math
import re


def pairs(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
    with opened as file:
        return [line.rstrip("\n").split("\t") for line in file if line.strip()]


def words(text):
    return re.findall(r" ?(?:\w+|[^\w\s])|\s", text)


class KneserNey:
    """Interpolated modified Kneser-Ney of the given order over texts."""

    def __init__(self, texts, order=3):
        self.order = order
        counts = [collections.Counter() for _ in range(order + 1)]
        for text in texts:
            tokens = ["<s>"] * (order - 1) + text + ["</s>"]
            for end in range(order - 1, len(tokens)):
                counts[order][tuple(tokens[end - order + 1:end + 1])] += 1
        # Lower orders count in how many contexts a sequence occurs.
        for n in range(order - 1, 0, -1):
            for sequence in counts[n + 1]:
                counts[n][sequence[1:]] += 1
        self.counts = counts
        self.vocabulary = {sequence[0] for sequence in counts[1]}
        self.totals, self.kinds, self.discounts = [None], [None], [None]
        for n in range(1, order + 1):
            total, kinds = collections.Counter(), collections.defaultdict(lambda: [0, 0, 0])
            for sequence, count in counts[n].items():
                total[sequence[:-1]] += count
                kinds[sequence[:-1]][min(count, 3) - 1] += 1
            of = collections.Counter(counts[n].values())
            y = of[1] / (of[1] + 2 * of[2])
            self.discounts.append([k - (k + 1) * y * of[k + 1] / of[k] if of[k] else 0 for k in (1, 2, 3)])
            self.totals.append(total)
            self.kinds.append(kinds)

    def probability(self, word, context):
        if not context:
            n, lower = 1, 1 / len(self.vocabulary)
        else:
            n, lower = len(context) + 1, self.probability(word, context[1:])
        total = self.totals[n].get(context, 0)
        if total == 0:
            return lower
        count = self.counts[n].get(context + (word,), 0)
        discounts = self.discounts[n]
        kept = max(0, count - discounts[min(count, 3) - 1]) if count else 0
        spread = sum(d * k for d, k in zip(discounts, self.kinds[n][context]))
        return (kept + spread * lower) / total

    def log_probability(self, text):
        tokens = ["<s>"] * (self.order - 1) + text + ["</s>"]
        return sum(math.log(self.probability(tokens[end], tuple(tokens[end - self.order + 1:end])))
                   for end in range(self.order - 1, len(tokens)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--kept", help="write the pairs of TEST that the trigram can write")
    arguments = parser.parse_args()
    model = KneserNey([words(reply) for _, reply in pairs(arguments.train)])
    test = pairs(arguments.test)
    kept = [(prompt, reply) for prompt, reply in test if model.vocabulary.issuperset(words(reply))]
    total = sum(model.log_probability(words(reply)) for _, reply in kept)
    count = sum(len(reply.split()) + 1 for _, reply in kept)
    check = sum(model.probability(word, ("<s>", " I")) for word in model.vocabulary)
    print(f"{len(model.vocabulary)} words, probabilities after one context sum to {check:.6f}")
    print(f"{len(kept)} of {len(test)} pairs, perplexity {math.exp(-total / count):.3f} a word")
    if arguments.kept:
        with open(arguments.kept, "w", encoding="utf-8") as file:
            file.writelines(f"{prompt}\t{reply}\n" for prompt, reply in kept)


if __name__ == "__main__":
    main()
