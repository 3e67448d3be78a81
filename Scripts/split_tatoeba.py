#!/usr/bin/env python3
"""Splits English-French pairs of Tatoeba into train.tsv, dev.tsv and test.tsv as Recipes/french-english.split.txt says.

    Scripts/split_tatoeba.py fra.txt data/tatoeba

fra.txt is that of fra-eng.zip (manythings.org/anki, 167,130 pairs in the file of 2019-04-07): English, a tab, French,
and in later files a third column, which is left out. Pairs that are in no list are train's. Text becomes NFC, without
U+200B and U+00AD. Lines of the list: dev or test, and the first ten hexadecimal digits of the SHA-1 of a pair.
"""
import hashlib
import pathlib
import sys
import unicodedata


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    lists = pathlib.Path(__file__).parent.parent / "Recipes" / "french-english.split.txt"
    places = dict(reversed(line.split()) for line in lists.read_text().splitlines())
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: open(folder / f"{name}.tsv", "w", encoding="utf-8", newline="\n") for name in ("train", "dev", "test")}
    for line in source.read_text(encoding="utf-8").split("\n"):
        pair = "\t".join(line.split("\t")[:2])
        if "\t" in pair:
            pair = unicodedata.normalize("NFC", pair.replace("\u200b", "").replace("\u00ad", ""))
            files[places.get(hashlib.sha1(pair.encode()).hexdigest()[:10], "train")].write(pair + "\n")
    for file in files.values():
        file.close()


main()
