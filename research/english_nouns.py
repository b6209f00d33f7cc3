"""Write the English nouns that the search knows: `python -m research.english_nouns NAMES`.

NAMES is `timm/data/_info` of the PyPI package timm. Its `imagenet_synset_to_lemma.txt` has WordNet's names
of the 21,844 kinds of things of ImageNet.
"""

from __future__ import annotations

import argparse
import gzip
import re
from pathlib import Path

from lookalike.lexical import english

_SHORTEST = 3


def main() -> None:
    """Write every word of the names once."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("names", type=Path)
    lines = (asked.parse_args().names / "imagenet_synset_to_lemma.txt").read_text("utf-8").splitlines()
    words = {word for line in lines for word in re.findall(r"[a-z]+", line.split("\t")[1].lower())}
    text = "\n".join(sorted(word for word in words if len(word) >= _SHORTEST)) + "\n"
    # Without a time of day, so that the same words give the same file.
    english.FILE.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
