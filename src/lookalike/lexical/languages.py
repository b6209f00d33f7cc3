"""Language data: stop words, stemmers, and language detection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import Stemmer

from lookalike.lexical.analysis import words_of

ENGLISH = "en"
# The languages of the Snowball stemmers, by ISO 639-1 code.
STEMMERS: Mapping[str, str] = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish",
    "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
    "yi": "yiddish",
}  # fmt: skip

_STOP_WORDS = {
    "en": "a an and are as at be by for from in is it its of on or that the this to was were will with "
    "your you our their into than then these those which who i me my we us do does",
    "de": "der die das den dem des ein eine einen einem einer eines und oder in im am an auf aus bei bis "
    "durch für gegen mit nach ohne um unter von vom vor zu zum zur über ist sind war wird werden auch nicht "
    "als wie sich ihr ihre ich es",
    "fr": "le la les un une des de du d l au aux et ou en dans par pour sur avec sans sous est sont ce ces "
    "cette se sa son ses qui que qu votre vos notre nos plus à il elle je",
    "es": "el la los las un una unos unas de del al y o u e en con sin por para sobre es son su sus se que "
    "como más lo le tu tus este esta estos estas mi",
    "it": "il lo la i gli le l un uno una di del dello della dei degli delle d a al allo alla ai agli alle e "
    "ed o in nel nella nei con su sul sulla per da dal dalla è sono che si tra fra come più suo sua mi",
    "pt": "o a os as um uma uns umas de do da dos das em no na nos nas e ou com sem por para pelo pela ao à "
    "aos às é são que se como mais seu sua seus suas este esta meu",
    "nl": "de het een en of in op aan van voor met zonder uit bij tot over onder naar om te ten ter is zijn "
    "was wordt worden dat die dit deze als ook niet je jouw uw ons onze ik",
}  # fmt: skip

STOP_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words_of(words)) for language, words in _STOP_WORDS.items()
}
# Words shared by several languages do not identify one.
_TELLING: Mapping[str, frozenset[str]] = {
    language: frozenset(
        word
        for word in words
        if len(word) > 1 and not any(word in more for other, more in STOP_WORDS.items() if other != language)
    )
    for language, words in STOP_WORDS.items()
}
_IRREGULAR: Mapping[str, str] = {
    "men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth", "geese": "goose",
    "mice": "mouse", "knives": "knife", "shelves": "shelf", "scarves": "scarf", "halves": "half",
    "leaves": "leaf", "loaves": "loaf", "calves": "calf", "wolves": "wolf", "elves": "elf", "wives": "wife",
    "thieves": "thief", "hooves": "hoof",
}  # fmt: skip
# Fewer stop words per product than this do not identify a language.
LEAST_EVIDENCE = 0.01


def stop_words(language: str) -> frozenset[str]:
    """Return the stop words of a language."""
    return STOP_WORDS.get(language, frozenset())


def singular(word: str) -> str:
    """Return an English word in the singular; that of "hoodie" is "hoody", because both have one plural."""
    word = _IRREGULAR.get(word, word)
    if len(word) > 4 and word.endswith(("ies", "ie")):
        return word[: word.rindex("ie")] + "y"
    if len(word) < 4 or not word.endswith("s") or word[-2] in "us":
        return word
    word = word[:-2] if word.endswith(("ses", "xes", "zes", "ches", "shes")) else word[:-1]
    # "womens" is how shops write "women's".
    return _IRREGULAR.get(word, word)


def base(language: str) -> Callable[[str], str]:
    """Return the function that maps a word to the term it is indexed by: its singular or its stem.

    English is not stemmed, because "gaming" and "games" are different things in a shop.
    """
    return singular if language == ENGLISH else stemmer(language)


@cache
def stemmer(language: str) -> Callable[[str], str]:
    """Return the stemmer of a language; words of unsupported languages are returned unchanged."""
    if language not in STEMMERS:
        return lambda word: word
    return Stemmer.Stemmer(STEMMERS[language]).stemWord


def detect(count: Callable[[str], int], products: int) -> str:
    """Detect the language of a catalog from its stop words; English if there is no evidence."""
    evidence = {language: sum(map(count, words)) for language, words in _TELLING.items()}
    best = max(evidence, key=lambda language: evidence[language])
    return best if evidence[best] > LEAST_EVIDENCE * products else ENGLISH
