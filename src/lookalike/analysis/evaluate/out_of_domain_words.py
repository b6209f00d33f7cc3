"""Everyday things, as out-of-domain queries for shops that do not sell them."""

from __future__ import annotations

STRANGERS: tuple[str, ...] = (
    "airplane", "apple", "aspirin", "bacon", "balloon", "banana", "barrel", "bathtub", "battery",
    "bean", "bed", "beef", "beer", "bell", "bicycle", "bird", "boat", "bottle", "bread", "brick",
    "broom", "bucket", "bus", "butter", "cable", "cake", "calculator", "camera", "candle", "car",
    "carpet", "carrot", "castle", "cat", "cement", "chainsaw", "chair", "cheese", "chess", "chicken",
    "chocolate", "clock", "coffee", "computer", "cow", "cup", "cupboard", "curtain", "dentist", "desk",
    "doctor", "dog", "doll", "door", "drill", "drum", "egg", "elephant", "elevator", "engine",
    "envelope", "fence", "fish", "flute", "fork", "freezer", "frog", "garlic", "giraffe", "glue",
    "guitar", "hammer", "harbour", "helicopter", "honey", "horse", "hospital", "house", "insurance",
    "kettle", "keyboard", "kitchen", "knife", "ladder", "lamp", "laptop", "lawnmower", "lemon",
    "lettuce", "library", "lightbulb", "lorry", "magazine", "mattress", "medicine", "microwave", "milk",
    "mirror", "monitor", "motorcycle", "mountain", "mouse", "mushroom", "newspaper", "novel", "onion",
    "orchestra", "oven", "paint", "parrot", "passport", "pasta", "pencil", "pepper", "piano", "pillow",
    "pineapple", "pizza", "plumber", "potato", "printer", "puzzle", "radiator", "radio", "rice",
    "river", "rocket", "roof", "salad", "salt", "sandwich", "sausage", "scanner", "screwdriver",
    "shampoo", "sheep", "shovel", "sink", "soap", "sofa", "soup", "spider", "spoon", "squirrel",
    "stapler", "submarine", "sugar", "supermarket", "table", "tape", "tea", "telephone", "television",
    "tiger", "toaster", "toilet", "tomato", "toothpaste", "tractor", "train", "tree", "trumpet",
    "turtle", "tyre", "vase", "violin", "volcano", "whisky", "window", "wine", "wrench", "yoghurt",
    "zebra",
)  # fmt: skip
