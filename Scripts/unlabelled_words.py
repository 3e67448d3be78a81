#!/usr/bin/env python3
"""Words without pronunciation for a spelling-to-sound model to learn from others' answers.

    unlabelled_words.py data/cmudict american-english-insane american-english-huge > words.txt

The first list gives the names (words with a capital, up to 14 letters), what it has in common with the second the other
words (106,023, as long as those of train.tsv), and train.tsv 6,000 of its words for an 's. Words of train.tsv, dev.tsv or
test.tsv are left out. The order is random, and the same every time.
"""
import collections
import random
import re
import sys


def column(path):
    with open(path, encoding="utf-8") as file:
        return {line.split("\t")[0] for line in file}


def words(path):
    with open(path, encoding="utf-8") as file:
        return [line.strip() for line in file]


def by_length_of(train, candidates, count, generator):
    """`count` of the candidates at most, lengths as frequent as in train."""
    groups = collections.defaultdict(list)
    for word in sorted(candidates):
        groups[len(word)].append(word)
    lengths = collections.Counter(map(len, train))
    chosen = []
    for length, group in groups.items():
        generator.shuffle(group)
        chosen += group[:int(1.25 * count * lengths[length] / len(train))]
    generator.shuffle(chosen)
    return chosen[:count]


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    folder, all_words, usual_words = sys.argv[1:]
    train = column(f"{folder}/train.tsv")
    known = train | column(f"{folder}/dev.tsv") | column(f"{folder}/test.tsv")
    names, others = set(), set()
    for word in words(all_words):
        lower = word.lower()
        if re.fullmatch("[a-z']{3,16}", lower) and lower not in known and not word.isupper() and lower[-2:] != "'s":
            (names if word[0].isupper() else others).add(lower)
    usual = {word.lower() for word in words(usual_words)}
    generator = random.Random(7)
    chosen = by_length_of(train, (others - names) & usual, 115000, generator)
    chosen += [name for name in names if len(name) <= 14]
    chosen += [f"{word}'s" for word in generator.sample(sorted(train), 6000) if word[-1] != "s" and f"{word}'s" not in known]
    chosen = sorted(set(chosen))
    generator.shuffle(chosen)
    print("\n".join(chosen))


main()
