"""The words that shoppers use for goods of every kind: what the text tower learns beyond fashion titles."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

from research.builtin_encoder.dataset import Example
from research.builtin_encoder.labels import COLOUR_WORDS, TYPE_WORDS

# What shops call their departments and shelves, in the words of no particular shop.
SHELVES = """
sofa|couch|armchair|recliner|coffee table|side table|dining table|dining chair|bar stool|office chair|desk|standing desk|bookcase
bookshelf|tv stand|sideboard|wardrobe|chest of drawers|dresser|nightstand|bedside table|bed frame|mattress|bunk bed|bench|ottoman|footstool
rug|carpet|curtain|cushion|pillow|duvet|blanket|throw|bedding|towel|bath mat|shower curtain|mirror|picture frame|wall clock|vase|candle
candle holder|lamp|desk lamp|floor lamp|table lamp|ceiling lamp|pendant light|chandelier|light bulb|plant pot|basket|storage box|shelf|hook
coat rack|shoe rack|umbrella stand|garden chair|parasol|hammock|barbecue grill|lawn mower|hose|spade|rake|watering can|flower pot|fence
hammer|screwdriver|wrench|spanner|pliers|saw|drill|power drill|tape measure|ladder|toolbox|nails|screws|paint brush|sandpaper|chisel|axe
coffee mug|mug|cup|teapot|kettle|coffee maker|espresso machine|toaster|blender|mixer|microwave oven|oven|refrigerator|freezer|dishwasher
washing machine|vacuum cleaner|iron|frying pan|saucepan|pot|wok|baking tray|rolling pin|knife|kitchen knife|cutting board|plate|bowl|spoon
fork|cutlery|wine glass|bottle|water bottle|lunch box|jar|measuring cup|corkscrew|can opener|colander|spatula|ladle|tablecloth|napkin
laptop|notebook computer|desktop computer|monitor|keyboard|computer mouse|printer|scanner|tablet|smartphone|mobile phone|iphone|phone case
charger|cable|power bank|headphones|earphones|speaker|bluetooth speaker|microphone|television|tv|remote control|camera|digital camera|lens
tripod|game console|joystick|usb stick|hard drive|router|projector|smart watch|radio|record player|calculator|battery
teddy bear|doll|toy car|lego|building blocks|puzzle|board game|ball|kite|toy train|stuffed animal|tricycle|scooter|rocking horse|toy
guitar|electric guitar|piano|violin|drum|flute|saxophone|trumpet|accordion|harp|cello|harmonica|ukulele
bicycle|mountain bike|helmet|skateboard|roller skates|skis|snowboard|surfboard|tennis racket|golf ball|golf club|football|soccer ball
basketball|baseball|volleyball|rugby ball|ping pong|dumbbell|barbell|yoga mat|treadmill|fitness equipment|tent|sleeping bag|fishing rod|canoe|kayak
apple|green apple|red apple|banana|ripe bananas|orange|lemon|lime|grapefruit|melon|watermelon|pear|peach|plum|nectarine|mango|papaya|pineapple
kiwi|passion fruit|pomegranate|avocado|strawberry|raspberry|blueberry|cherry|grapes|fig|coconut|tomato|potato|carrot|onion|garlic|ginger
leek|cabbage|cauliflower|broccoli|lettuce|spinach|cucumber|zucchini|courgette|eggplant|aubergine|pepper|bell pepper|chilli|asparagus|mushroom
beetroot|radish|corn|peas|beans|artichoke|celery|milk|oat milk|soy milk|sour milk|cream|sour cream|yoghurt|yogurt|cheese|butter|eggs|juice|orange juice
apple juice|bread|bagel|pretzel|croissant|cake|ice cream|chocolate|biscuits|pizza|hamburger|hot dog|burrito|soup|rice|pasta|cereal|meat|fish|sausage
fruit|vegetables|dairy|groceries|food|drinks|beverage|carton|bakery|snack|produce|citrus fruit
shampoo|soap|lotion|toothbrush|toothpaste|hair dryer|razor|lipstick|nail polish|perfume|sunscreen|makeup|face powder|cosmetics|hair brush|comb
ring|necklace|bracelet|earrings|brooch|watch|jewellery|jewelry|handbag|backpack|suitcase|wallet|purse|umbrella|sunglasses|belt|hat|scarf|gloves
shoes|boots|sneakers|sandals|slippers|socks|dress|skirt|trousers|jeans|shirt|t-shirt|jacket|coat|sweater|hoodie|shorts|swimsuit|pyjamas|underwear
book|notebook|pen|pencil|eraser|scissors|stapler|envelope|binder|backpack for school|globe|map|calendar|paper|glue
dog bed|cat tree|pet food|fish tank|bird cage|leash|stroller|crib|baby bottle|high chair|diaper|car seat|car|motorbike|motorcycle|tyre|wheel
aeroplane|boat|sailing boat|train|bus|truck|helicopter|flower|sunflower|rose|tree|bonsai|cactus|christmas tree|christmas decoration|balloon
apparel|clothing|clothes|footwear|accessories|personal care|furniture|home|kitchenware|appliances|electronics|tools|hardware|garden|gardening
sports|sporting goods|toys|games|beauty|health|office supplies|stationery|musical instruments|pet supplies|automotive|baby|outdoor|lighting
decor|home decor|bathroom|bedroom|living room|kitchen|dining|storage|housewares|home appliances|diy tools|kitchen accessories
"""
MATERIALS = ("wooden", "metal", "glass", "leather", "plastic", "ceramic", "cotton", "steel", "marble", "velvet")
QUALITIES = ("small", "large", "modern", "vintage", "cheap", "new", "round", "fresh", "ripe", "organic", "kids", "portable")
_LONGEST = 60


def shelf_words() -> list[str]:
    """Return the names of shelves and departments."""
    return [word for line in SHELVES.strip().splitlines() for word in line.split("|")]


def imagenet_names(folder: Path) -> list[tuple[str, ...]]:
    """Return the names of the thousand classes, in the order of the classifier."""
    lemmas = dict(line.split("\t") for line in _lines(folder / "imagenet_synset_to_lemma.txt"))
    return [tuple(lemmas[synset].split(", ")) for synset in _lines(folder / "imagenet_synsets.txt")]


def nouns(folder: Path) -> list[str]:
    """Return the names of the 21,841 kinds of things of the whole ImageNet."""
    found = (line.split("\t")[1].split(", ") for line in _lines(folder / "imagenet_synset_to_lemma.txt"))
    return [name for names in found for name in names[:2]]


def vocabulary(examples: list[Example], folder: Path, judged: Path, seed: int = 0) -> list[str]:
    """Return every text that the text tower is taught, each once, in an order that is the same everywhere."""
    dice = random.Random(seed)
    shelves = shelf_words()
    texts = [name for names in imagenet_names(folder) for name in names]
    texts += [_plural(text) for text in texts[::2]]
    texts += shelves + [_plural(word) for word in shelves]
    plain = [*shelves, *texts]
    texts += [f"{dice.choice((*MATERIALS, *QUALITIES))} {dice.choice(plain)}" for _ in range(3000)]
    texts += [f"{dice.choice(list(COLOUR_WORDS)).lower()} {dice.choice(plain)}" for _ in range(2500)]
    texts += [kind.lower() for kind in TYPE_WORDS] + [way for ways in TYPE_WORDS.values() for way in ways]
    texts += [e.labels["object"].replace("_", " ") for e in examples if "object" in e.labels]
    texts += [e.title for e in examples if e.source in ("grocery", "goods") and e.split == "train"]
    texts += list(_bought(judged))
    texts += nouns(folder)
    return [text for text in dict.fromkeys(texts) if 1 < len(text) <= _LONGEST]


def _bought(judged: Path) -> Iterator[str]:
    items = judged / "online_retail" / "items.csv"
    if items.exists():
        with items.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield row["title"].lower()


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else word + "s"


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines()
