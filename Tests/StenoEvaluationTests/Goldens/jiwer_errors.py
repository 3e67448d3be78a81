#!/usr/bin/env python3
"""Writes jiwer.json: error counts and alignments as jiwer has them, for pairs made up here.

Made with Python 3.11, jiwer 4.0.0, RapidFuzz 3.14.6:  python jiwer_errors.py
"""

import json
import pathlib
import random

import jiwer

WORDS = (
    "the a of and to in he was that it his her with as had for she not at but on is you be him they were all this "
    "have said from so by an when there one what no if would which who out up them then some into could little"
).split()


def garbled(generator, words, probability):
    """The words with some of them replaced, left out, added, or misspelt."""
    result = []
    for word in words:
        if generator.random() < probability:
            kind = generator.randrange(4)
            if kind == 0:
                result.append(generator.choice(WORDS))
            elif kind == 1:
                result += [word, generator.choice(WORDS)]
            elif kind == 2:
                place = generator.randrange(len(word))
                result.append(word[:place] + generator.choice("aeiou") + word[place + 1 :])
        else:
            result.append(word)
    return result


def sentences(generator, count, length, probability):
    references, hypotheses = [], []
    for _ in range(count):
        words = [generator.choice(WORDS) for _ in range(generator.randrange(1, length))]
        references.append(" ".join(words))
        hypotheses.append(" ".join(garbled(generator, words, probability)))
    return references, hypotheses


def alignments(output):
    return [
        [[c.type, c.ref_start_idx, c.ref_end_idx, c.hyp_start_idx, c.hyp_end_idx] for c in sentence]
        for sentence in output.alignments
    ]


def case(name, references, hypotheses, with_alignments=True):
    words = jiwer.process_words(references, hypotheses)
    characters = jiwer.process_characters(references, hypotheses)
    result = {"name": name, "references": references, "hypotheses": hypotheses}
    for unit, output, rate in (("words", words, words.wer), ("characters", characters, characters.cer)):
        result[unit] = {
            "rate": rate,
            "hits": output.hits,
            "substitutions": output.substitutions,
            "deletions": output.deletions,
            "insertions": output.insertions,
        }
        if with_alignments:
            result[unit]["alignments"] = alignments(output)
    return result


def main():
    generator = random.Random(9)
    cases = [
        case("equal", ["it is so", "you"], ["it is so", "you"]),
        case("one of each", ["quite a bit of longer sentence"], ["quite bit of an even longest sentence here"]),
        case("empty hypothesis", ["there was none", "one"], ["", "one"]),
        case("one reference of several is empty", ["", "he said"], ["what is that", "he said so"]),
        case("all references empty", ["", ""], ["what is", ""]),
        case("all empty", ["", "  "], ["", ""]),
        case("spaces", ["  two  words \t here ", "a\tlone tab", "no\u00a0break"], ["two words here", "a lone\ttab ", " no break "]),
        case("scripts", ["今天 天气 很好", "مرحبا بالعالم", "é e\u0301 naïve", "👩‍👩‍👧 🎉"], ["今天 天 很好", "مرحبا العالم", "e\u0301 e\u0301 naive", "👩‍👧 🎉!"]),
        case("case counts", ["The Ship"], ["the ship"]),
    ]
    for number, probability in enumerate([0.1, 0.3, 0.6, 1.0]):
        cases.append(case(f"sentences {number}", *sentences(generator, 8, 30, probability)))
    few = ["".join(generator.choice("ab ") for _ in range(generator.randrange(0, 40))) for _ in range(24)]
    cases.append(case("few letters", few[:12], few[12:]))
    references, hypotheses = sentences(generator, 2, 400, 0.25)
    cases.append(case("long", references, hypotheses, with_alignments=False))
    cases.append(case("lengths around 64 and 128", ["ab" * 32, "ab" * 32 + "c", "abc" * 43, "x" * 128], ["ba" * 32, "ab" * 33, "acb" * 42, "x" * 63 + "y" * 66]))
    path = pathlib.Path(__file__).with_name("jiwer.json")
    path.write_text(json.dumps(cases, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
