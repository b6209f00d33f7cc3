"""How shoppers of each language express prices, sizes, target groups and exclusions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lookalike.lexical.analysis import words_of


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one language, as alternatives of a regular expression over folded text.

    The `weak_` phrases have several meanings, and signal a price only next to a currency.
    """

    at_most: str
    at_least: str
    between: str
    to: str
    size: str
    target: str
    without: str
    weak_at_most: str = r"(?!)"
    weak_at_least: str = r"(?!)"
    people: Mapping[str, str] = field(default_factory=dict[str, str])


PHRASES: Mapping[str, Phrases] = {
    "en": Phrases(
        at_most="under|below|less than|cheaper than|not more than|no more than|at most|max|maximum|<=?",
        at_least="over|above|more than|at least|min|minimum|>=?",
        weak_at_most="up to|to|within",
        weak_at_least="from",
        between="between|from",
        to="and|to|-",
        size="size",
        target="for",
        without="not",
        people={
            "women": "women|womens|woman|womans|ladies|lady|female|females",
            "men": "men|mens|man|gents|gentlemen|male|males",
            "girls": "girls|girl",
            "boys": "boys|boy",
            "kids": "kids|kid|children|childrens|child",
        },
    ),
    "de": Phrases(
        at_most="unter|weniger als|billiger als|gunstiger als|hochstens|maximal|max",
        at_least="uber|mehr als|mindestens|teurer als",
        weak_at_most="bis|bis zu",
        weak_at_least="ab|von",
        between="zwischen|von",
        to="und|bis|-",
        size="große|grosse|groesse|gr",
        target="fur|fuer",
        without="nicht|kein|keine|keinen",
        people={
            "women": "damen|frauen|frau|dame",
            "men": "herren|manner|maenner|herr|mann",
            "girls": "madchen|maedchen",
            "boys": "jungen|jungs|junge",
            "kids": "kinder|kind",
        },
    ),
    "fr": Phrases(
        at_most="moins de|moins cher que|au plus|maximum|max",
        at_least="plus de|au moins|minimum",
        weak_at_most="jusqu ?a|sous",
        weak_at_least="a partir de|des",
        between="entre|de",
        to="et|a|-",
        size="taille|pointure",
        target="pour",
        without="pas de|pas en",
        people={
            "women": "femmes|femme|dames|dame",
            "men": "hommes|homme",
            "girls": "filles|fille",
            "boys": "garcons|garcon",
            "kids": "enfants|enfant",
        },
    ),
    "es": Phrases(
        at_most="menos de|por debajo de|mas barato que|maximo",
        at_least="mas de|por encima de|minimo",
        weak_at_most="hasta",
        weak_at_least="desde",
        between="entre|de",
        to="y|a|-",
        size="talla|numero",
        target="para",
        without="no de|que no sea",
        people={
            "women": "mujeres|mujer|senoras|senora",
            "men": "hombres|hombre|caballeros|caballero",
            "girls": "ninas|nina",
            "boys": "ninos|nino",
            "kids": "infantil",
        },
    ),
    "it": Phrases(
        at_most="meno di|sotto i|sotto|al massimo|massimo",
        at_least="piu di|oltre|almeno|minimo",
        weak_at_most="fino a",
        weak_at_least="da",
        between="tra|fra|da",
        to="e|a|-",
        size="taglia|misura|numero",
        target="per|da",
        without="non di|non in",
        people={
            "women": "donne|donna",
            "men": "uomini|uomo",
            "girls": "bambine|bambina|ragazze|ragazza",
            "boys": "ragazzi|ragazzo",
            "kids": "bambini|bambino",
        },
    ),
    "pt": Phrases(
        at_most="menos de|abaixo de|mais barato que|no maximo|maximo",
        at_least="mais de|acima de|no minimo|minimo",
        weak_at_most="ate",
        weak_at_least="desde|a partir de",
        between="entre|de",
        to="e|a|-",
        size="tamanho|numero",
        target="para",
        without="nao de|que nao seja",
        people={
            "women": "mulheres|mulher|feminino|feminina|senhora",
            "men": "homens|homem|masculino|masculina",
            "girls": "meninas|menina",
            "boys": "meninos|menino",
            "kids": "criancas|crianca|infantil",
        },
    ),
    "nl": Phrases(
        at_most="onder|minder dan|goedkoper dan|hoogstens|maximaal|max",
        at_least="boven|meer dan|minstens|minimaal",
        weak_at_most="tot",
        weak_at_least="vanaf|van",
        between="tussen|van",
        to="en|tot|-",
        size="maat",
        target="voor",
        without="niet|geen",
        people={
            "women": "dames|vrouwen|vrouw",
            "men": "heren|mannen|man",
            "girls": "meisjes|meisje",
            "boys": "jongens|jongen",
            "kids": "kinderen|kind",
        },
    ),
}

CURRENCIES = (
    r"[$€£¥₹₽₺₩₪₫₱฿]|eur|euros?|usd|dollars?|bucks|gbp|pounds?|quid|chf|franken|francs?|rs\.?|inr|rupees?|"
    r"r\$|brl|reais|kr|sek|nok|dkk|zl|pln|aud|cad|yen|jpy"
)
# "Under 50 cm" is not a price.
UNITS = (
    r"%|percent|mm|cm|m|km|inch(?:es)?|in|ft|feet|kg|g|mg|lbs?|oz|l|ml|cl|gal|w|kw|watts?|v|volts?|ah|mah|hz|"
    r"khz|mhz|ghz|gb|mb|tb|mp|px|dpi|years?|jahre?|months?|days?|hours?|h|pcs|pieces?|pack|seats?|°c|°f|db|ohm"
)

# Names of the facets for it, lowercase without spaces or underscores.
SIZES = frozenset(
    words_of("size sizes groesse grosse taille pointure talla taglia tamanho maat schuhgrosse shoesize")
)
PEOPLE = frozenset(
    words_of("gender sex geschlecht genre sexe genero sesso genere geslacht department agegroup")
)
COLOURS = frozenset(
    words_of(
        "color colour colors colours basecolor basecolour farbe couleur colore cor kleur maincolor maincolour"
    )
)
EVERYBODY = "unisex|all|adult|adults|alle|tous|mixte|tutti|todos|iedereen"
