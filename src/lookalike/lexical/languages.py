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
# Languages without a stemmer: their inflected forms are related by their beginnings.
STEMLESS = ("bg", "cs", "fa", "he", "hr", "ko", "ja", "lv", "ms", "pl", "sk", "sl", "th", "uk", "vi", "zh")
LANGUAGES = tuple(sorted((*STEMMERS, *STEMLESS)))
# Other languages inflect in more ways, or lose accents that their stemmers need.
_STEMMED_WELL = frozenset(("en", "de", "fr", "es", "it", "pt", "nl"))
# Languages that write several nouns as one word.
COMPOUNDING = frozenset(("da", "de", "et", "fi", "hu", "nl", "no", "sv"))
# Where nouns of three letters are last parts of compounds whose other parts may be unknown: "winterjas".
SHORTEST_HEAD: Mapping[str, int] = {"da": 3, "nl": 3, "no": 3, "sv": 3}

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
    "bg": "и на за от с със в във без до или по при е са не към през",
    "cs": "a i na s se ve v z ze do od nebo bez po při je jsou k ke který která které",
    "da": "og til med i på af for fra uden eller er en et den det de som kan ikke din ved",
    "el": "και το τα η ο οι του της των με για από σε στο στη στην χωρίς είναι ένα μια",
    "fi": "tai on sekä myös kanssa ilman joka jossa se tämä kuin varten",
    "hr": "na za od sa s ili bez je su kao po koji koja koje",
    "hu": "a és vagy egy van hogy nélkül való",
    "no": "og til med i på av for fra uten eller er en et den det de som kan ikke din ved",
    "pl": "i w na do z ze dla od po o lub oraz bez przy jest są nie się który która które",
    "ro": "și de la din pentru în sau fără o este sunt al",
    "ru": "и в на с со для от до из или без по при к не это как под",
    "sk": "a na pre s v z do od alebo bez po pri je sú k ktorý ktorá ktoré",
    "sv": "och till med i på av för från utan eller är en ett den det de som kan inte din",
    "tr": "ve için bu veya olan daha çok en gibi",
    "uk": "і й та в у на з із для від до або без по при не як під",
}  # fmt: skip

# Words of most shops: in short titles they tell a language when no stop word does.
_SHOP_WORDS = {
    "cs": "dámské dámská pánské pánská dětské černá bílá červená modrá",
    "da": "herre børn sort hvid rød blå kvinder mænd",
    "de": "damen herren kinder schwarz weiß rot blau grün größe",
    "el": "γυναικείο γυναικεία ανδρικό ανδρικά παιδικά μαύρο λευκό κόκκινο μπλε",
    "es": "mujer hombre niños negro blanco rojo azul talla",
    "fi": "naisten miesten lasten musta valkoinen punainen sininen",
    "fr": "femme homme enfant noir blanc rouge bleu taille",
    "hu": "női férfi gyerek fekete fehér piros kék",
    "it": "donna uomo bambini nero bianco rosso blu taglia",
    "nl": "dames heren kinderen zwart wit rood blauw maat",
    "pl": "damskie damska damski męskie męska męski czarny czarna biały biała czerwony niebieski",
    "pt": "mulher homem crianças preto branco vermelho azul tamanho",
    "ro": "damă bărbați copii negru roșu albastru",
    "ru": "женские женская мужские мужская детские черный белый красный синий",
    "sv": "svart vit röd blå kvinnor",
    "tr": "kadın erkek çocuk siyah beyaz kırmızı mavi",
    "uk": "жіночі жіноча чоловічі чоловіча дитячі чорний білий червоний синій",
}  # fmt: skip

STOP_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words_of(words)) for language, words in _STOP_WORDS.items()
}
_KNOWN = {
    language: words | frozenset(words_of(_SHOP_WORDS.get(language, "")))
    for language, words in STOP_WORDS.items()
}
# Words shared by several languages do not identify one.
_TELLING: Mapping[str, frozenset[str]] = {
    language: frozenset(
        word
        for word in words
        if len(word) > 1 and not any(word in more for other, more in _KNOWN.items() if other != language)
    )
    for language, words in _KNOWN.items()
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


def inflects_by_ending(word: str, language: str) -> bool:
    """Whether words with the beginning of a word may be other forms of it that its stem does not tell."""
    return language in LANGUAGES and (language not in _STEMMED_WELL or not word.isascii())


@cache
def stemmer(language: str) -> Callable[[str], str]:
    """Return the stemmer of a language; words of unsupported languages are returned unchanged."""
    if language not in STEMMERS:
        return lambda word: word
    return Stemmer.Stemmer(STEMMERS[language]).stemWord


def detect(count: Callable[[str], int], products: int) -> str:
    """Detect the language of a catalog from its stop words; English if there is no evidence."""
    counts = {language: list(filter(None, map(count, words))) for language, words in _TELLING.items()}
    # One word may be a name.
    evidence = {language: sum(each) for language, each in counts.items() if len(each) > 1}
    best = max(evidence, key=lambda language: evidence[language], default=ENGLISH)
    return best if evidence.get(best, 0) > LEAST_EVIDENCE * products else ENGLISH
