#!/usr/bin/env python3
"""Writes bpe.model, unigram.model and sentencepiece.json: models of texts made up here, and what SentencePiece itself
makes of other texts by them.

Made with Python 3.11, sentencepiece 0.1.97:  python sentencepiece_goldens.py
"""

import io
import json
import pathlib
import random

import sentencepiece

FOLDER = pathlib.Path(__file__).parent

WORDS = (
    "der die das und in zu den ist nicht ein eine mit von auf für sich dem auch es an werden aus er hat dass sie nach "
    "wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man "
    "Straße Häuser größer Übung schön Fluss the of to that was for with his they at be this have from or one had by "
    "word but not what all were we when your can said there use each which she do how their if will up other about"
).split()

TEXTS = [
    "die Straße ist nicht größer",
    "the words were said by all of them",
    "Bonjour\u202f! C’est\u00a0l’été\u2009; «\u00a0oui\u00a0»",
    "  two  spaces   and three ",
    " ",
    "今天天气很好。",
    "مَرْحَبًا بِالعالم",
    "👩‍👩‍👧‍👦 🎉 🇪🇺 👍🏽",
    "हिन्दी नमस्ते, 한국어, ﬁ ① Ｆｕｌｌ ｶﾞ",
    "tab\tand\nline",
    "Å e\u0301 A\u030a",
    "",
]


def corpus():
    """Sentences of these words, the first ones more often."""
    generator = random.Random(7)
    weights = [1 / (rank + 3) for rank in range(len(WORDS))]
    return [" ".join(generator.choices(WORDS, weights, k=generator.randrange(3, 12))) for _ in range(400)]


def train(name, **options):
    """A model, written beside this script."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()), model_writer=written, minloglevel=2, num_threads=8, **options)
    (FOLDER / f"{name}.model").write_bytes(written.getvalue())
    model = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    encoded = [model.encode(text) for text in TEXTS]
    return {
        "name": name,
        "tokens": [model.id_to_piece(id) for id in range(model.get_piece_size())],
        "ids": encoded,
        "decoded": [model.decode(ids) for ids in encoded],
    }


ours = {
    "byte_fallback": True, "hard_vocab_limit": False, "normalization_rule_name": "identity",
    "remove_extra_whitespaces": False, "pad_id": 0, "bos_id": 1, "eos_id": 2, "unk_id": 3, "pad_piece": "<blank>",
}
results = {
    "corpus": corpus(),
    "texts": TEXTS,
    # As a recipe has them made.
    "bpe": train("bpe", model_type="bpe", vocab_size=420, **ours),
    # SentencePiece's defaults: its own normalisation, the unknown id first, no bytes.
    "unigram": train("unigram", model_type="unigram", vocab_size=200, hard_vocab_limit=False),
}
(FOLDER / "sentencepiece.json").write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")
