#!/usr/bin/env python3
"""Writes sacrebleu.json: BLEU, chrF and chrF++ as sacreBLEU has them, and its 13a tokens, for lines made up here.

Made with Python 3.11, sacreBLEU 2.6.0:  python sacrebleu_scores.py
"""

import json
import pathlib
import random

from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

ENGLISH = """\
The committee will meet again on Monday, 3 March, at 10.30 a.m.
"I don't think so," she said; "it's far too late for that."
Prices rose by 2.5% in the first quarter (after 1.9% in the last).
Mr. Smith's car, a 1,300-cc model, cost $12,450.00 in 1998.
Please read the terms & conditions before you sign anything!
Why did nobody tell us that the bridge had been closed?
The cat sat on the mat, and the dog lay by the door.
She wrote to him every week - sometimes twice - for ten years.
All rights reserved. See http://www.example.org/index.html?a=1&b=2 for details.
The well-known state-of-the-art 5-point plan failed in 2003-04.
He was born in St. Petersburg and died in New York, N.Y.
It is not enough to be right; one must also be heard.
In chapter 7, section 3.2.1, the author contradicts himself.
The ship left the harbour at dawn and was never seen again.
Send an e-mail to info@example.com, or call +44 20 7946 0018.
Water boils at 100 °C, that is at 212 °F or 373.15 K.
There were 1,234,567 people in the city, about 3/4 of them under 30.
Nobody expected that; nobody, that is, except the children.
We must, however, take into account the cost of the work.
The old man looked at the sea and said nothing for a long time.""".splitlines()

FRENCH = """\
L'homme qu'elle aimait n'est jamais revenu de la guerre.
« Où allez-vous ? » demanda-t-il, d'une voix à peine audible.
Le prix a augmenté de 2,5 % entre 2001 et 2003.
C'est aujourd'hui que l'on fête le 14 juillet, n'est-ce pas ?
Il a dit : « Je n'en sais rien. » Puis il s'est tu…
Les œuvres complètes de l'auteur coûtent 1 250,00 €.
Près de 3.000 personnes ont manifesté à Paris hier soir.
Mme Lefèvre habite au 12 bis, rue de l'Église, à Besançon.
Peut-être viendra-t-elle demain ; peut-être ne viendra-t-elle pas.
Le garçon, âgé de 7 ans, a mangé tous les gâteaux de Noël.
Voir l'article 3, alinéa 2, du règlement (CE) no 1049/2001.
Ça ne m'étonne guère, répondit le vieux maître d'hôtel.
Quelle que soit la réponse, nous partirons dès l'aube.
Un tiens vaut, ce dit-on, mieux que deux tu l'auras.""".splitlines()

ODD = [
    "", " ", "\t", ".", ",", "...", "....", "-", "--", "1-", "-1", "1-2", "1.", ".1", "1.2", "1,2.3,", "a.b", "a..b",
    "a.1", "1.a", "1..2", "1.,2", ",.,.,", ".,.1.,", "no end", "No end.", "end ,", "a - b", "a-b", "5-year", "1--2",
    "&quot;quoted&quot;", "&amp;", "&amp;amp;", "&amp;quot;", "&lt;b&gt;bold&lt;/b&gt;", "&amp;lt;", "&quot", "&apos;",
    "AT&T", "<skipped>", "a <skipped> b", "<skip<skipped>ped>", "x<skipped>y", "hyphen-\nated", "two\nlines", "end-\n",
    "a\n\nb", "a-\n-\nb", "tab\tbetween", "two  spaces", " leading", "trailing ", "no\u00a0break", "thin\u2009space",
    "ideographic\u3000space", "zero\u200bwidth", "line\u2028separator", "\x1cfile\x1dgroup\x1erecord\x1funit", "\x85next",
    "vertical\x0btab\x0cfeed", "narrow\u202f%", "\ufeffmark", "a\u0301\u0302 combining", "\u00e9 e\u0301", "(hi)", "((hi))",
    "(a", "a)", "'tis", "rock 'n' roll", "“curly” ‘quotes’", "¿Qué? ¡Hola!", "«guillemets»", "§ 3 ¶ 4", "x² + y³ = ½",
    "٣٫١٤ و ٢٬٠٠٠", "१२.३४", "３．１４", "5°C", "100€", "£5.00", "№ 7", "a_b", "a^b", "`code`", "{x}", "[y]", "~z", "a|b",
    "50%", "#tag @user", "C++", "a*b/c", "1/2", "12:30", "x=y", "?!", "!!!", "a;b:c", "\\back\\slash", "$9.99, $10.",
    "我爱北京天安门。", "今天天气很好，我们去公园吧！", "東京都に住んでいます。", "カタカナとひらがな", "한국어 문장입니다.",
    "مرحبا بالعالم، كيف حالك؟", "السعر ٣٥٫٥ ريال.", "שלום עולם", "Привет, мир! Как дела?", "Γειά σου Κόσμε.",
    "สวัสดีชาวโลก", "नमस्ते दुनिया।", "😀", "😀😀 😀", "👩‍👩‍👧‍👦 family", "🇫🇷🇬🇧", "👍🏽 ok", "café ☕ time", "a😀b.c",
    "the the the the the the the", "the cat the cat the cat", "a a a a b", "b a a a a", "x", "x y", "x y z", "x y z w",
    "ΟΔΟΣ", "ΟΔΟΣ ΣΟΦΟΣ. Σ", "ΑΣ'Α", "ΑΣ' Α", "1Σ", "İSTANBUL", "ISTANBUL ı", "STRASSE ẞ", "ÀÉÎÕÜ ÇÑ", "ǅ Ǆ ǆ", "ЁЖИК",
    "ＦＵＬＬ　ｗｉｄｔｈ", "Ω Å K", "𝐁old 𐐀𐐨", "ﬁ ligature",
]

LETTERS = list(".,.,--0189<>&;'\"()/%!?aAbBéÉß \u00a0\u3000\u200b\t\n我😀٣") + [
    "&amp;", "&lt;", "&quot;", "<skipped>", "-\n", " the ", " a ", " ",
]


def garbled(generator, line, probability):
    """The line with some words replaced, left out, added, doubled, swapped, misspelt, or in another case."""
    words, result = line.split(), []
    for word in words:
        kind = generator.randrange(8) if generator.random() < probability else 7
        if kind == 0:
            result.append(generator.choice(words))
        elif kind == 1:
            result += [word, generator.choice(words)]
        elif kind == 2:
            place = generator.randrange(len(word))
            result.append(word[:place] + generator.choice("aeiou.,-'") + word[place + 1 :])
        elif kind == 3:
            result += [word, word]
        elif kind == 4:
            result.append(generator.choice([word.upper(), word.lower(), word.title()]))
        elif kind == 5 and result:
            result.insert(len(result) - 1, word)
        elif kind != 6:
            result.append(word)
    return " ".join(result)


def scrap(generator):
    return "".join(generator.choice(LETTERS) for _ in range(generator.randrange(30)))


def statistics(score):
    return {
        "score": score.score,
        "precisions": score.precisions,
        "brevityPenalty": score.bp,
        "matches": score.counts,
        "totals": score.totals,
        "hypothesisLength": score.sys_len,
        "referenceLength": score.ref_len,
        "ratio": score.ratio,
    }


def line_scores(metric, hypotheses, references):
    """Rounded, as there are many."""
    return [round(metric.sentence_score(h, r).score, 6) for h, r in zip(hypotheses, references)]


def case(name, hypotheses, references):
    """One corpus; `references` has a list for each line."""
    most = max(len(line) for line in references)
    streams = [[line[i] if i < len(line) else None for line in references] for i in range(most)]
    result = {"name": name, "hypotheses": hypotheses, "references": references, "bleu": [], "chrF": []}
    for tokeniser, lowercase, smoothing, effective in (
        ("13a", False, "exp", False), ("none", False, "exp", False), ("13a", True, "exp", False),
        ("13a", False, "none", False), ("13a", False, "exp", True), ("none", True, "none", True),
    ):
        metric = BLEU(
            tokenize=tokeniser, lowercase=lowercase, smooth_method=smoothing, effective_order=effective, force=True)
        score = metric.corpus_score(hypotheses, streams)
        signature = metric.get_signature().format()
        result["bleu"].append({
            "options": {
                "tokeniser": tokeniser, "lowercases": lowercase, "smoothing": smoothing,
                "usesEffectiveOrder": effective,
            },
            **statistics(score),
            "signature": signature,
            "text": score.format(signature=signature),
            "lines": line_scores(metric, hypotheses, references) if effective else None,
        })
    for words, lowercase in ((0, False), (2, False), (1, True), (0, True)):
        metric = CHRF(word_order=words, lowercase=lowercase)
        score = metric.corpus_score(hypotheses, streams)
        signature = metric.get_signature().format()
        result["chrF"].append({
            "options": {"wordOrder": words, "lowercases": lowercase},
            "score": score.score,
            "signature": signature,
            "text": score.format(signature=signature),
            "lines": line_scores(metric, hypotheses, references) if words != 1 else None,
        })
    return result


def corpora():
    generator = random.Random(1)

    def garble(lines, probability=0.3):
        return [garbled(generator, line, probability) for line in lines]

    yield case("English", garble(ENGLISH * 4), [[line] for line in ENGLISH * 4])
    yield case("French", garble(FRENCH * 4, 0.2), [[line] for line in FRENCH * 4])
    yield case("perfect", ENGLISH, [[line] for line in ENGLISH])
    yield case("too short", [" ".join(line.split()[:6]) for line in ENGLISH], [[line] for line in ENGLISH])
    yield case("too long", [f"{line} {line}" for line in FRENCH], [[line] for line in FRENCH])
    yield case("nothing right", ["xx yy zz ww vv"] * 3, [["aa bb cc dd"]] * 3)
    yield case("fewer than four tokens", ["the cat", "a dog", "", "we"], [["the cat"], ["the dog"], ["a"], ["we do"]])
    yield case("empty hypotheses", [""] * 5, [[line] for line in ENGLISH[:5]])
    yield case("empty references", ENGLISH[:5], [[""]] * 5)
    yield case("all empty", ["", " "], [[""], [""]])
    yield case("odd lines, unchanged", ODD, [[line] for line in ODD])
    yield case("odd lines, shifted", ODD[1:] + ODD[:1], [[line] for line in ODD])
    yield case("case", [line.upper() for line in ODD + FRENCH], [[line.lower()] for line in ODD + FRENCH])
    yield case("three references", garble(ENGLISH * 2), [garble([line] * 3, 0.4) for line in ENGLISH * 2])
    varied = [garble([line] * generator.randrange(1, 5), 0.4) for line in (ENGLISH + FRENCH) * 2]
    yield case("one to four references", garble((ENGLISH + FRENCH) * 2), varied)
    yield case(
        "equally near references", ["a b c d", "a b c d e"], [["a b c d e", "a b c", "a b"], ["a b", "a b c d e f g h"]])
    yield case("repeated words", ["the the the the the", "a a b b a a"], [["the cat the"], ["a b a b a b"]])
    yield case(
        "scraps", [scrap(generator) for _ in range(100)], [[scrap(generator)] for _ in range(100)])
    yield case(
        "scraps, two references", [scrap(generator) for _ in range(100)],
        [[scrap(generator), scrap(generator)] for _ in range(100)])


def tokens():
    generator, tokeniser = random.Random(2), Tokenizer13a()
    lines = ODD + ENGLISH + FRENCH + [scrap(generator) for _ in range(300)]
    return [{"line": line, "tokens": tokeniser(line.rstrip()).split()} for line in lines]


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("sacrebleu.json")
    content = {"tokens": tokens(), "corpora": list(corpora())}
    path.write_text(json.dumps(content, ensure_ascii=True, separators=(",", ":")) + "\n")
