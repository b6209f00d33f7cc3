"""Search by words: what products are called, however it is typed."""

from lookalike.lexical.document import Document
from lookalike.lexical.index import LexicalIndex
from lookalike.lexical.query import WordQuery
from lookalike.lexical.search import Found, search

__all__ = ["Document", "Found", "LexicalIndex", "WordQuery", "search"]
